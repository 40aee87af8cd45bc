import type { EdgeFacts, NodeFacts } from "./facts.ts";

/** What an expression can ask of nodes or of edges, under its names. The first name is the one that is offered; all are Kiali's but where said. */
type Common = { readonly names: readonly [string, ...string[]]; readonly note?: string };

export type Operand =
  | (Common & { readonly of: "node"; readonly kind: "text"; readonly read: (n: NodeFacts) => readonly string[] })
  | (Common & { readonly of: "node"; readonly kind: "number"; readonly read: (n: NodeFacts) => number | undefined })
  | (Common & { readonly of: "node"; readonly kind: "flag"; readonly read: (n: NodeFacts) => boolean | undefined })
  | (Common & { readonly of: "edge"; readonly kind: "text"; readonly read: (e: EdgeFacts) => readonly string[] })
  | (Common & { readonly of: "edge"; readonly kind: "number"; readonly read: (e: EdgeFacts) => number | undefined })
  | (Common & { readonly of: "edge"; readonly kind: "flag"; readonly read: (e: EdgeFacts) => boolean | undefined });

const some = (value: string | undefined): readonly string[] => (value ? [value] : []);

const perSecond = "requests a second";
const bytes = "bytes a second";
const share = "0 to 100";

const trait = (names: Operand["names"], of: string, note?: string): Operand => ({
  of: "node",
  kind: "flag",
  names,
  read: (n) => n.traits.has(of),
  ...(note ? { note } : {}),
});

export const operands: readonly Operand[] = [
  { of: "node", kind: "text", names: ["app"], note: "canonical service", read: (n) => some(n.app) },
  { of: "node", kind: "text", names: ["cluster"], read: (n) => some(n.cluster) },
  { of: "node", kind: "text", names: ["name"], note: "app, operation, service or workload", read: (n) => n.names },
  { of: "node", kind: "text", names: ["namespace", "ns"], read: (n) => some(n.namespace) },
  {
    of: "node",
    kind: "text",
    names: ["node"],
    note: "app, operation, service, workload, unknown",
    read: (n) => [n.type],
  },
  { of: "node", kind: "text", names: ["operation", "op"], read: (n) => some(n.operation) },
  { of: "node", kind: "text", names: ["service", "svc"], read: (n) => some(n.service) },
  { of: "node", kind: "text", names: ["version"], note: "canonical revision", read: (n) => some(n.version) },
  { of: "node", kind: "text", names: ["workload", "wl"], read: (n) => n.workloads },
  { of: "node", kind: "number", names: ["grpcin"], note: perSecond, read: (n) => n.grpcIn },
  { of: "node", kind: "number", names: ["grpcout"], note: perSecond, read: (n) => n.grpcOut },
  { of: "node", kind: "number", names: ["httpin"], note: perSecond, read: (n) => n.httpIn },
  { of: "node", kind: "number", names: ["httpout"], note: perSecond, read: (n) => n.httpOut },
  { of: "node", kind: "number", names: ["tcpin"], note: bytes, read: (n) => n.tcpIn },
  { of: "node", kind: "number", names: ["tcpout"], note: bytes, read: (n) => n.tcpOut },
  { of: "node", kind: "number", names: ["rank"], note: "1 to 100, 1 has the most callers", read: (n) => n.rank },
  trait(["circuitbreaker", "cb"], "circuitBreaker"),
  trait(["faultinjection", "fi"], "faultInjection"),
  trait(["mirroring"], "mirroring"),
  trait(["requestrouting", "rr"], "requestRouting"),
  trait(["requesttimeout", "rto"], "requestTimeout"),
  trait(["serviceentry", "se"], "serviceEntry"),
  trait(["tcptrafficshifting", "tcpts"], "tcpTrafficShifting"),
  trait(["trafficshifting", "ts"], "trafficShifting"),
  trait(["virtualservice", "vs"], "virtualService"),
  trait(["workloadentry", "we"], "workloadEntry"),
  { of: "node", kind: "flag", names: ["healthy"], note: "neither degraded nor failing", read: (n) => n.healthy },
  { of: "node", kind: "flag", names: ["idle"], note: "nothing flows in or out", read: (n) => n.idle },
  {
    of: "node",
    kind: "flag",
    names: ["outside", "outsider"],
    note: "not of the chosen namespaces",
    read: (n) => n.outside,
  },
  { of: "node", kind: "flag", names: ["sidecar", "sc"], note: "a proxy stands beside it", read: (n) => n.inMesh },
  { of: "node", kind: "flag", names: ["outofmesh", "om"], note: "no proxy stands beside it", read: (n) => !n.inMesh },
  { of: "node", kind: "flag", names: ["trafficsource", "root"], note: "only calls", read: (n) => n.root },
  { of: "node", kind: "flag", names: ["dead"], note: "a service that nobody answers for", read: (n) => n.dead },
  { of: "node", kind: "flag", names: ["gateway"], note: "Weft's own", read: (n) => n.gateway },
  {
    of: "node",
    kind: "flag",
    names: ["external"],
    note: "Weft's own: a host outside of the mesh",
    read: (n) => n.external,
  },
  { of: "edge", kind: "text", names: ["destprincipal"], read: (e) => e.targetPrincipals },
  { of: "edge", kind: "text", names: ["sourceprincipal"], read: (e) => e.sourcePrincipals },
  { of: "edge", kind: "text", names: ["protocol"], note: "http, grpc, tcp", read: (e) => [e.protocol] },
  { of: "edge", kind: "number", names: ["grpc"], note: perSecond, read: (e) => e.grpc },
  { of: "edge", kind: "number", names: ["%grpcerr", "%grpcerror"], note: share, read: (e) => e.grpcErrors },
  {
    of: "edge",
    kind: "number",
    names: ["%grpctraffic"],
    note: `${share}, of the caller's`,
    read: (e) => e.grpcTraffic,
  },
  { of: "edge", kind: "number", names: ["http"], note: perSecond, read: (e) => e.http },
  { of: "edge", kind: "number", names: ["%httperr", "%httperror"], note: share, read: (e) => e.httpErrors },
  {
    of: "edge",
    kind: "number",
    names: ["%httptraffic"],
    note: `${share}, of the caller's`,
    read: (e) => e.httpTraffic,
  },
  {
    of: "edge",
    kind: "number",
    names: ["responsetime", "rt"],
    note: "milliseconds, p95 or as labels show it",
    read: (e) => e.responseTime,
  },
  { of: "edge", kind: "number", names: ["tcp"], note: bytes, read: (e) => e.tcp },
  {
    of: "edge",
    kind: "number",
    names: ["throughput"],
    note: `${bytes}, of requests or as labels show it`,
    read: (e) => e.throughput,
  },
  { of: "edge", kind: "flag", names: ["mtls"], note: "any of it through mutual TLS", read: (e) => e.mtls },
  { of: "edge", kind: "flag", names: ["traffic"], note: "anything flows", read: (e) => e.traffic },
];

const byName = new Map(operands.flatMap((o) => o.names.map((name) => [name, o] as const)));

/** An operand by one of its names, however it is written; `label:NAME` is one too. */
export function operandOf(name: string): Operand | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith("label:") && name.length > 6) {
    const label = name.slice(6);
    return { of: "node", kind: "text", names: [`label:${label}`], read: (n) => some(n.labels[label]) };
  }
  return byName.get(lower);
}
