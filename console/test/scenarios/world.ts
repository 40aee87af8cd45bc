import type { AccessItem } from "../../../src/api/contract/access.ts";
import type { ConfigDetail, Finding } from "../../../src/api/contract/config.ts";
import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import type { Mesh } from "../../../src/api/contract/mesh.ts";
import type { Problem } from "../../../src/api/contract/problems.ts";
import type { ProxyState, Workload } from "../../../src/api/contract/workloads.ts";

/** Everything that the API says at one moment. */
export interface World {
  readonly mesh: Mesh;
  readonly graph: Graph;
  readonly workloads: readonly Workload[];
  readonly config: readonly ConfigDetail[];
  /** Findings about no object (a file that could not be read); those of objects are added by the server. */
  readonly loose: readonly Finding[];
  readonly problems: readonly Problem[];
  /** What proxies told of requests. */
  readonly access?: readonly AccessItem[];
}

/** A mesh as a function of time, so that a test that fixes the time fixes every number. */
export type Scenario = (at: number) => World;

/** A slow, smooth wave around `middle` that differs for each name; `swing` is a share of the middle. */
export function wave(name: string, at: number, middle: number, swing = 0.12): number {
  let phase = 0;
  for (const letter of name) phase = (phase * 31 + letter.charCodeAt(0)) % 6283;
  const t = at / 1000;
  const shape =
    Math.sin(t / 17 + phase) * 0.6 + Math.sin(t / 5.3 + phase * 1.7) * 0.3 + Math.sin(t / 1.9 + phase * 2.3) * 0.1;
  return Math.max(0, middle * (1 + swing * shape));
}

export interface NodeShort {
  readonly name: string;
  readonly app?: string;
  readonly version?: string;
  readonly namespace?: string;
  readonly type?: GraphNode["type"];
  readonly health?: GraphNode["health"];
  readonly inMesh?: boolean;
}

export function nodeOf(short: NodeShort): GraphNode {
  const { name, namespace = "default", type = "workload" } = short;
  return {
    id: type === "external" ? `external/${name}` : type === "unknown" ? "unknown" : `workload/${namespace}/${name}`,
    type,
    namespace,
    name,
    app: short.app ?? name,
    version: short.version ?? "",
    health: short.health ?? "healthy",
    inMesh: short.inMesh ?? true,
  };
}

export interface EdgeShort {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly rate: number;
  readonly p50?: number;
  readonly errors?: number;
  readonly tcp?: boolean;
  readonly mtls?: number;
  readonly flag?: string;
}

export function edgeOf(short: EdgeShort, at: number): GraphEdge {
  const id = `${short.from}->${short.to}|${short.service}`;
  const rate = wave(id, at, short.rate);
  const errorShare = short.errors ? Math.min(1, wave(`${id}e`, at, short.errors, 0.15)) : 0;
  const base = {
    id,
    source: short.from,
    target: short.to,
    service: short.service,
    rate,
    errorShare,
    mtlsShare: short.mtls ?? 1,
  };
  if (short.tcp) {
    const bytes = { bytesSentRate: rate * 420, bytesReceivedRate: rate * 2310 };
    return { ...base, protocol: "tcp", codes: {}, flags: {}, ...bytes };
  }
  const p50 = wave(`${id}p`, at, short.p50 ?? 4, 0.2);
  return {
    ...base,
    protocol: "http",
    p50,
    p95: p50 * 2.6,
    p99: p50 * 4.9,
    bytesSentRate: rate * 310,
    bytesReceivedRate: rate * 1840,
    codes: errorShare > 0 ? { "200": rate * (1 - errorShare), "503": rate * errorShare } : { "200": rate },
    flags: errorShare > 0 ? { [short.flag ?? "UF"]: rate * errorShare } : {},
  };
}

const day = 86_400_000;

/** A proxy that holds what was sent to it. */
export function proxyOf(pod: string, ip: string, at: number, over: Partial<ProxyState> = {}): ProxyState {
  const type = (sent: number) => ({ sent, acked: sent });
  return {
    id: pod,
    address: ip,
    sync: "synced",
    types: { CDS: type(14), EDS: type(11), LDS: type(4), RDS: type(6), SDS: type(2) },
    lastAckAt: at - 42_000,
    certificateExpiresAt: at + day - 3_600_000,
    envoyVersion: "1.40.0",
    restarts: 0,
    application: "running",
    ...over,
  };
}

/** What a workload says of its own traffic: the sum of its edges. */
export function trafficOf(edges: readonly GraphEdge[]): Workload["inbound"] {
  const rate = edges.reduce((sum, e) => sum + e.rate, 0);
  const failed = edges.reduce((sum, e) => sum + e.rate * e.errorShare, 0);
  const slowest = edges.reduce<number | undefined>(
    (worst, e) => (e.p95 !== undefined && (worst === undefined || e.p95 > worst) ? e.p95 : worst),
    undefined,
  );
  return { rate, errorShare: rate > 0 ? failed / rate : 0, ...(slowest === undefined ? {} : { p95: slowest }) };
}
