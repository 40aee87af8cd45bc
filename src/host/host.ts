import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { alive, processId } from "../agent/process.ts";
import type { Source } from "../model/change.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { hash } from "../std/hash.ts";
import { run } from "./command.ts";
import type { Names, NameView } from "./dns/names.ts";
import { listenAt } from "./doors.ts";
import { baseEnv } from "./env.ts";
import { Fleet } from "./fleet.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { type LogName, logFile, readLog } from "./logs.ts";
import { loopback } from "./loopback.ts";
import { endMarked, markName, meshId } from "./marks.ts";
import { outerUser } from "./mode.ts";
import { namespaces } from "./namespaces.ts";
import type { Network } from "./network.ts";
import type { Door, HostOptions } from "./options.ts";
import { runFolderOf } from "./run-folder.ts";
import type { ServiceAddress } from "./services.ts";
import { bootId, type HostState, type Mode, readState, writeState } from "./state.ts";
import { freeRange, parseRange, type Range } from "./subnet.ts";
import { sweep } from "./sweep.ts";

/** A mesh on this machine. Its Pods are what it tells as a source. */
export interface Host extends Source {
  readonly mode: Mode;
  /** The address that the control plane has to listen on, for its proxies to reach it. */
  readonly address: string;
  /**
   * Brings what runs in line with the Deployments of a snapshot. Cheap when nothing of concern has changed. Call it only with snapshots that
   * hold all Deployments, so not before every source has synced: Pods of a Deployment that is missing are ended.
   */
  reconcile(snapshot: Snapshot): void;
  /** Names that Pods can resolve from now on, and those that clients of some addresses resolve instead. */
  setNames(names: Names, views?: readonly NameView[]): void;
  /** Addresses of Services and who stands behind them: for Pods without a proxy, and for ports that are kept away from it. */
  setServices(services: readonly ServiceAddress[]): void;
  /** Doors beside those that it began with; they come and go while it runs. */
  setDoors(doors: readonly Door[]): void;
  /** A Pod's log: pieces of text, each of whole lines but the last. With `follow` it goes on until `signal` aborts. */
  logs(
    pod: { readonly namespace: string; readonly name: string },
    which: LogName,
    follow: boolean,
    signal?: AbortSignal,
  ): AsyncIterable<string>;
  /** The admin socket of a Pod's Envoy; undefined where there is none. */
  adminSocket(pod: { readonly namespace: string; readonly name: string }): string | undefined;
  /** Ends every process and takes away all that it made. */
  stop(): Promise<void>;
}

/**
 * Prepares the machine: the bridge, the keeper, the state on disk. What an earlier control plane left running is taken over by `start`,
 * or, where it cannot be, taken away. Rejects when another control plane runs on the same folder.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const before = await inherited(options);
  const state = before ?? (await fresh(options));
  const owner = processId(process.pid);
  writeState(options.stateDir, { ...state, ...(owner === undefined ? {} : { owner }) });
  const network = await makeNetwork(state);
  // Left by one that died between starting a process and writing it down.
  const known = new Set(state.pods.map((pod) => pod.uid));
  endMarked(state.id, (marked) => marked.pod !== undefined && !known.has(marked.pod));
  const mark = { [markName]: state.id };
  const keeper = new Gatekeeper({ options, network, runFolder: state.runFolder, mark });
  const fleet = new Fleet({
    options,
    network,
    keeper,
    state: { ...state, ...(owner === undefined ? {} : { owner }) },
    mark,
    baseEnv: baseEnv(options.environment ?? process.env, options.nodeFolder ?? dirname(process.execPath)),
    become: become(options),
    revision: revisionOf(options, network),
  });
  try {
    await keeper.start();
  } catch (error) {
    // A mesh that runs already runs on; one that never began leaves nothing.
    if (before === undefined) {
      await network.destroy();
      await sweep(options.stateDir);
    }
    throw error;
  }
  return hostOf(options, state, network, keeper, fleet);
}

function hostOf(options: HostOptions, state: HostState, network: Network, keeper: Gatekeeper, fleet: Fleet): Host {
  return {
    name: "host",
    mode: options.mode,
    address: network.address,
    start: (listener) => fleet.start(listener),
    reconcile: (snapshot) => fleet.reconcile(snapshot),
    setNames: (names, views) => keeper.setNames(names, views),
    setServices: (services) => fleet.setServices(services),
    setDoors: (doors) => fleet.setDoors(doors),
    logs: (pod, which, follow, signal) => readLog(logFile(options.stateDir, pod, which), follow, signal),
    adminSocket: (pod) => fleet.adminSocket(pod),
    async stop() {
      await fleet.stop();
      await keeper.stop();
      await network.destroy();
      await sweep(options.stateDir);
      rmSync(state.runFolder, { recursive: true, force: true });
    },
  };
}

/** What is on disk, when it can be taken over: of this start of the machine, of this mode, and nobody else's. */
async function inherited(options: HostOptions): Promise<HostState | undefined> {
  const state = readState(options.stateDir);
  if (state === undefined) return undefined;
  if (state.owner !== undefined && state.owner.pid !== process.pid && alive(state.owner)) {
    throw new Error(
      `${options.stateDir}: a mesh runs here already (process ${state.owner.pid}); stop it with: weft down`,
    );
  }
  if (state.boot === bootId() && state.mode === options.mode && state.mode !== "loopback") return state;
  await sweep(options.stateDir);
  return undefined;
}

async function fresh(options: HostOptions): Promise<HostState> {
  const id = meshId(options.stateDir);
  rmSync(join(options.stateDir, "pods"), { recursive: true, force: true });
  // What a mesh of this folder left without a state: nothing of it may be in the way.
  endMarked(id, (marked) => marked.pod !== undefined);
  return {
    version: 1,
    id,
    boot: bootId(),
    mode: options.mode,
    range: options.mode === "loopback" ? await loopbackRange(id, options.xds.port) : await pickRange(id),
    egress: options.mode === "netns",
    runFolder: runFolderOf(options.stateDir),
    nextNumber: 0,
    pods: [],
  };
}

function makeNetwork(state: HostState): Promise<Network> {
  const { id, range, egress } = state;
  return state.mode === "loopback" ? Promise.resolve(loopback(range)) : namespaces({ id, range, egress });
}

/** A range in which no other mesh of this machine has its control plane. */
async function loopbackRange(id: string, xdsPort: number): Promise<string> {
  for (let attempt = 0; attempt < loopbackRanges; attempt++) {
    const range = `127.${64 + 2 * ((Number.parseInt(id, 16) + attempt) % loopbackRanges)}.0.0/15`;
    try {
      for (const server of await listenAt(xdsPort, [loopback(range).address])) server.close();
      return range;
    } catch (error) {
      if (!(error as Error).message.endsWith("is taken")) throw error;
    }
  }
  throw new Error("every range of loopback addresses has a mesh already; stop one with: weft down");
}

const loopbackRanges = 64;

async function pickRange(id: string): Promise<string> {
  const routes = JSON.parse((await run(["ip", "-j", "-4", "route", "show", "table", "all"])) || "[]") as {
    dst?: string;
  }[];
  const taken = routes
    .map((route) => parseRange(route.dst ?? ""))
    .filter((range): range is Range => range !== undefined && range.bits > 0);
  const found = freeRange(taken, Number.parseInt(id, 16));
  if (found === undefined)
    throw new Error("no free range of addresses in 10.0.0.0/8; every /16 of it has a route on this machine");
  return `10.${(found.base >>> 16) & 255}.0.0/16`;
}

/** From root to the user that applications run as. */
function become(options: HostOptions): readonly string[] {
  const user = options.user ?? callerOf(options.mode);
  if (user === undefined || user.uid === 0) return [];
  if (options.mode === "netns") return ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups", "--"];
  return options.mode === "userns"
    ? ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`, "--"]
    : [];
}

function callerOf(mode: Mode): HostOptions["user"] {
  const { SUDO_UID: uid, SUDO_GID: gid } = process.env;
  const [outerUid, outerGid] = (process.env[outerUser] ?? "").split(":");
  if (mode === "userns" && outerUid && outerGid) return { uid: Number(outerUid), gid: Number(outerGid) };
  return mode === "netns" && uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/** What all Pods depend on besides their templates: when it changes, they are replaced whole. */
function revisionOf(options: HostOptions, network: Network): string {
  const { envoyPath, trustDomain, xds, mode, clusterDomain, kubeCluster } = options;
  return hash(
    JSON.stringify([
      1,
      envoyPath,
      trustDomain,
      xds.address ?? network.address,
      xds.port,
      mode,
      clusterDomain,
      kubeCluster,
    ]),
  );
}
