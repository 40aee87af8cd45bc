import { spawn } from "node:child_process";
import { alive, type ProcessId, processId, signal } from "../agent/process.ts";
import { attempt, run, toolEnv } from "./command.ts";
import { releaseForwarding, requireForwarding } from "./forwarding.ts";
import { masqueradeRules } from "./masquerade.ts";
import type { Network, Place, PlaceRequest } from "./network.ts";
import { addressIn, parseRange, type Range } from "./subnet.ts";

export interface NamespacesOptions {
  /** Six characters that name this mesh's bridge, interfaces and table. */
  readonly id: string;
  /** The mesh's addresses: `10.77.0.0/16`. */
  readonly range: string;
  /** Lets Pods reach the world outside: needs real root. */
  readonly egress: boolean;
}

export function bridgeName(id: string): string {
  return `weft-${id}`;
}

/**
 * Pods as network namespaces with a veth pair each on one bridge. A namespace is held by a process (`sleep`) that lives in it, as Kubernetes'
 * pause container does: nothing is mounted anywhere, and when the process goes, namespace, interfaces and rules go with it.
 * Made again over what an earlier one of us left, it changes nothing.
 */
export async function namespaces(options: NamespacesOptions): Promise<Network> {
  const range = parseRange(options.range) as Range;
  const bridge = bridgeName(options.id);
  const [address, probeFrom] = [addressIn(range, 1), addressIn(range, 2)];
  const mac = `02:${[...`${options.id}0001`.matchAll(/../g)].join(":")}`;
  await run(["sh", "-c", bridgeScript, "sh", bridge, `${address}/16`, `${probeFrom}/16`, mac]);
  if (options.egress) {
    await requireForwarding(bridge);
    await run(
      ["nft", "-f", "-"],
      `add table ip ${bridge}\ndelete table ip ${bridge}\n${masqueradeRules(bridge, bridge, options.range)}`,
    );
  }
  const veth = (number: number) => `wv-${options.id}-${number.toString(36)}`;
  const placeOf = (number: number, holder: ProcessId): Place => {
    const ip = addressIn(range, number);
    return { ip, applicationIp: ip, holder, enter: ["nsenter", "-t", String(holder.pid), "-n", "-m", "-u", "--"] };
  };
  return {
    address,
    probeFrom,
    addressOf: (number) => addressIn(range, number),
    async open(request) {
      const holder = await hold(request);
      try {
        const place = placeOf(request.number, holder);
        await connect(request, { place, bridge, veth: veth(request.number), gateway: address });
        return place;
      } catch (error) {
        signal(holder, "SIGKILL");
        throw error;
      }
    },
    reopen: (number, holder) => (holder !== undefined && alive(holder) ? placeOf(number, holder) : undefined),
    async close(number, place) {
      if (place?.holder) signal(place.holder, "SIGKILL");
      // The kernel takes a dead namespace apart in its own time; the interface shall be gone now.
      await attempt(["ip", "link", "del", veth(number)]);
    },
    async destroy() {
      await attempt(["ip", "link", "del", bridge]);
      if (!options.egress) return;
      await attempt(["nft", "delete", "table", "ip", bridge]);
      await releaseForwarding(bridge);
    },
  };
}

const bridgeScript = `set -e
ip link show dev "$1" >/dev/null 2>&1 || ip link add "$1" type bridge forward_delay 0
# Of its own: else a bridge takes the lowest of its ports' and changes it as they come and go, and Pods lose their way to it.
ip link set "$1" address "$4"
ip addr replace "$2" dev "$1"
ip addr replace "$3" dev "$1"
ip link set lo up
ip link set "$1" up`;

/** Starts the process that holds a Pod's namespaces, with the Pod's own name, resolver and hosts. */
function hold(request: PlaceRequest): Promise<ProcessId> {
  const script = `mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/hosts" /etc/hosts && { hostname "$2" 2>/dev/null || true; } && echo held && exec sleep 2147483647`;
  const unshare = [
    "--net",
    "--mount",
    "--uts",
    "--propagation",
    "slave",
    "--",
    "sh",
    "-c",
    script,
    "sh",
    request.folder,
    request.hostname,
  ];
  const env = { ...toolEnv(), ...request.env };
  const child = spawn("unshare", unshare, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  return new Promise((resolve, reject) => {
    let complaint = "";
    child.on("error", reject);
    child.stderr.on("data", (data: Buffer) => {
      complaint += data.toString();
    });
    child.on("exit", (code) =>
      reject(new Error(`a network namespace could not be made: ${complaint.trim() || `exit code ${code}`}`)),
    );
    child.stdout.once("data", () => {
      const id = child.pid === undefined ? undefined : processId(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      if (id) resolve(id);
    });
  });
}

interface Link {
  readonly place: Place;
  readonly bridge: string;
  readonly veth: string;
  readonly gateway: string;
}

async function connect(request: PlaceRequest, { place, bridge, veth, gateway }: Link): Promise<void> {
  const pid = String(place.holder?.pid);
  await run(
    ["ip", "-batch", "-"],
    `link add ${veth} type veth peer name eth0 netns ${pid}\nlink set ${veth} master ${bridge} up\n`,
  );
  const inside = `link set lo up\naddr add ${place.ip}/16 dev eth0\nlink set eth0 up\nroute add default via ${gateway}\n`;
  const script = `set -e
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || true
ip -batch - <<'END'
${inside}END
nft -f - <<'END'
${request.rules}END
`;
  await run([...place.enter, "sh", "-s"], script);
}
