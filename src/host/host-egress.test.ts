import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { endMarked, markedProcesses } from "./marks.ts";
import { ask, isReady } from "./rig.ts";
import { Bench, call, deployment, freePort, modes } from "./rig-mesh.ts";

describe.each(modes)("the edges of a mesh on this machine (%s)", (mode) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = new Bench(mode, await freePort());
  });
  beforeEach(() => bench.next());
  afterAll(() => bench.dispose());

  test("a Pod reaches the world outside with the machine's address; in a user namespace it is told at once that it cannot", async () => {
    await bench.up(deployment("a"));
    if (mode !== "netns") {
      const began = Date.now();
      await bench.eventually(call("192.0.2.77"), (_, status) => status === 500);
      expect(Date.now() - began).toBeLessThan(10_000);
      return;
    }
    const outside = await world();
    try {
      const seen = (await bench.eventually(call(outside.address))) as { text: string };
      expect(JSON.parse(seen.text)).toEqual({ from: outside.gateway });
    } finally {
      outside.end();
    }
  });

  test("a keeper that is killed is back, and so are names; doors too, where they can be", async () => {
    await bench.up(deployment("a"), deployment("b"));
    await bench.eventually(call("b"));
    const { id } = bench.state;
    expect(endMarked(id, (marked) => marked.pod === undefined && command(marked.id.pid).includes("keeper-main"))).toBe(
      1,
    );
    if (mode === "netns") await bench.eventually(call("b"));
    else await expect(ask(bench.port, "/")).rejects.toThrow();
    await bench.plane.until("there is a keeper", () =>
      markedProcesses(id).some((marked) => command(marked.id.pid).includes("keeper-main")),
    );
    if (mode === "userns")
      await bench.plane.until("it is told", () => bench.plane.diagnostics.find((d) => d.code === "WEFT0706"));
    expect((await ask(bench.port, "/").catch((error: Error) => error.message)) as unknown).toEqual(
      mode === "netns" ? expect.objectContaining({ status: 200 }) : expect.stringMatching(/ECONNREFUSED/),
    );
  });

  test("a Pod without a proxy reaches Services by their own addresses; one with nobody behind it refuses", async () => {
    await bench.up(
      deployment("a", { annotations: { "sidecar.istio.io/inject": "false" } }),
      deployment("b", { spec: { replicas: 2 } }),
    );
    await bench.plane.until("two of b", () => bench.plane.of("b").filter(isReady).length === 2);
    const targets = bench.plane.of("b").map((pod) => ({ address: pod.status.podIP, port: 9080 }));
    const service = (address: string, behind: typeof targets) => ({
      address,
      port: 80,
      protocol: "tcp" as const,
      targets: behind,
    });
    bench.plane.order({ services: [service("10.255.0.1", targets), service("10.255.0.2", [])] });
    const to = (address: string) => `/get?url=${encodeURIComponent(`http://${address}/`)}`;
    const seen = new Set<string>();
    await bench.eventually(
      to("10.255.0.1"),
      ({ text = "" }: { text?: string }) => text.startsWith("{") && seen.add(JSON.parse(text).host).size === 2,
    );
    // In by its own front door, without having gone out through a proxy.
    expect(seen).toEqual(new Set(bench.plane.of("b").map((pod) => pod.name)));
    expect(await bench.eventually(to("10.255.0.2"), (_, status) => status === 500)).toEqual({ error: "ECONNREFUSED" });
    bench.plane.order({ services: [] });
    await bench.eventually(to("10.255.0.1"), ({ text = "" }: { text?: string }) => !text.startsWith("{"));
  });

  test("the bridge keeps its address when Pods come and go", async () => {
    const arp = "/read?file=/proc/net/arp";
    await bench.up(deployment("a"));
    const gatewayOf = (table: string) =>
      table
        .split("\n")
        .find((line) => line.startsWith(`${bench.plane.address} `))
        ?.split(/\s+/)[3];
    const before = gatewayOf((await bench.eventually(arp)) as string);
    expect(before).toMatch(/^02:/);
    bench.plane.order({ objects: [deployment("a"), deployment("b", { spec: { replicas: 3 } })] });
    await bench.plane.until("three more", () => bench.plane.of("b").length === 3);
    expect(gatewayOf((await bench.eventually(arp)) as string)).toBe(before);
  });
});

function command(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1");
}

/** Another machine: a namespace beside the mesh's, with a server that says who asks. Only root can have one. */
async function world(): Promise<{ address: string; gateway: string; end(): void }> {
  const name = `wo${process.pid % 100_000}`;
  const net = `198.18.${process.pid % 256}`;
  const script = `require("http").createServer((q, s) => s.end(JSON.stringify({ from: q.socket.remoteAddress }))).listen(9080, "0.0.0.0", () => console.log("up"))`;
  const holder: ChildProcess = spawn(
    "unshare",
    ["--net", "--", "sh", "-c", `read go; exec "$0" -e '${script}'`, process.execPath],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const up = new Promise((resolve) => holder.stdout?.once("data", resolve));
  const sh = (line: string) => execFileSync("sh", ["-ec", line]);
  // Until the shell is in a namespace of its own, it is in ours.
  const own = execFileSync("readlink", ["/proc/self/ns/net"], { encoding: "utf8" });
  while (execFileSync("readlink", [`/proc/${holder.pid}/ns/net`], { encoding: "utf8" }) === own) {}
  sh(
    `ip link add ${name} type veth peer name eth0 netns ${holder.pid}; ip addr add ${net}.1/24 dev ${name}; ip link set ${name} up`,
  );
  sh(`nsenter -t ${holder.pid} -n sh -ec 'ip addr add ${net}.2/24 dev eth0; ip link set eth0 up'`);
  holder.stdin?.write("go\n");
  await up;
  return { address: `${net}.2`, gateway: `${net}.1`, end: () => holder.kill("SIGKILL") };
}
