import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { ServerTLSSettings } from "../../gen/istio/sidecar.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { statName } from "../cluster/stat-name.ts";
import { mesh } from "../mesh.ts";
import type { Protocol } from "../protocol.ts";
import { visibleServices } from "../registry.ts";
import { type InboundMtls, inboundMtls, type MtlsMode } from "../security/peer-authentication.ts";
import type { Service, ServicePort } from "../service.ts";
import { sidecarOrigins } from "../sidecar/egress.ts";
import { type InboundPool, type InboundTarget, type Ingress, inboundPool, ingressOf } from "../sidecar/ingress.ts";
import { meshNames } from "./mesh-names.ts";
import { passesUnread, type Unread, unread } from "./unread.ts";

/** What a sidecar takes in for its application. */
export interface InboundPlan {
  readonly ports: readonly InboundPort[];
  /** For every other port. */
  readonly mode: MtlsMode;
  /** Ports that no service names, and of which a policy says something else. */
  readonly others: readonly OtherPort[];
  readonly origins: readonly string[];
}

export interface OtherPort {
  readonly port: number;
  readonly mode: MtlsMode;
}

export interface InboundPort {
  /** Port at the workload. */
  readonly port: number;
  readonly protocol: Protocol;
  readonly mode: MtlsMode;
  /** The service of this port (of several, the first by host), for telemetry. */
  readonly service: { readonly host: string; readonly name: string; readonly namespace: string };
  /** Server names in the mTLS of the mesh's own callers, of all services of this port. */
  readonly meshNames: readonly string[];
  readonly to?: InboundTarget;
  readonly pool?: InboundPool;
  /** Its cluster's name in statistics, where that is another. */
  readonly statName?: string;
  /** Ends the TLS of callers outside of the mesh; counts where the mesh's own is off. */
  readonly tls?: ServerTLSSettings;
  /** Nothing is captured for it: the proxy listens here itself. */
  readonly bind?: string;
  /** HTTP of the mesh's own callers passes without being read. */
  readonly unread?: true;
  /** Names below a headless service's that are this workload's own: TLS for these is the application's. */
  readonly ownNames: readonly string[];
}

/** The part of a sidecar that its inbound side depends on. */
export interface InboundKey {
  readonly namespace: string;
  /** Pod or WorkloadEntry. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Container port name → number. */
  readonly ports: Readonly<Record<string, number>>;
  /** `namespace/name` of the Sidecar that holds for it. */
  readonly sidecar?: string;
  /** Text of its annotation `proxy.istio.io/config`, where it has one. */
  readonly annotation?: string;
}

/** The inbound side of a sidecar. Key: JSON of `InboundKey`. */
export const inboundPlan: Step<InboundPlan> = {
  name: "plan/inbound",
  run: (scope, key) => {
    const workload = JSON.parse(key) as InboundKey;
    const mtls = scope.ask(inboundMtls, JSON.stringify({ namespace: workload.namespace, labels: workload.labels }));
    const byPort = new Map<number, Served[]>();
    for (const service of servicesOf(scope, workload))
      for (const port of service.ports) {
        const number = targetPort(port, workload);
        if (number === undefined || port.protocol === "udp") continue;
        byPort.set(number, [...(byPort.get(number) ?? []), { service, port }]);
      }
    const opened = ingressOf(scope, workload.sidecar, workload.addresses[0] ?? "");
    const free = scope.ask(unread, unreadKey(workload));
    const own = scope.ask(sidecarOrigins, workload.sidecar ?? "");
    const ports =
      opened === undefined
        ? [...byPort].map(([number, served]) => servicePort(scope, number, served, mtls, workload))
        : opened.map((ingress) => ingressPort(scope, ingress, byPort, mtls, workload));
    const named = new Set(ports.map((p) => p.port));
    const others = Object.entries(mtls.ports).flatMap(([port, mode]) =>
      named.has(Number(port)) || mode === mtls.mode ? [] : [{ port: Number(port), mode }],
    );
    const origins = [...mtls.origins, ...own];
    const said = ports.map((p) => (isUnread(p, free) ? { ...p, unread: true as const } : p));
    return { ports: said.sort((a, b) => a.port - b.port), mode: mtls.mode, others, origins };
  },
};

function unreadKey({ namespace, labels, annotation }: InboundKey): string {
  return JSON.stringify({ namespace, labels, ...(annotation === undefined ? {} : { annotation }) });
}

/** Limits of connections to the application may be of its requests. */
function isUnread({ protocol, mode, pool }: InboundPort, free: Unread): boolean {
  return mode !== "DISABLE" && pool === undefined && passesUnread(free, protocol);
}

interface Served {
  readonly service: Service;
  readonly port: ServicePort;
}

/** A port that services name. */
function servicePort(
  scope: Scope,
  number: number,
  served: readonly Served[],
  mtls: InboundMtls,
  { name, sidecar }: InboundKey,
): InboundPort {
  const port = inboundPort(scope, number, served, mtls, name);
  const local = scope.ask(mesh, "").raw.inboundTrafficPolicy?.mode === "LOCALHOST";
  const pool = inboundPool(scope, sidecar);
  return {
    ...port,
    ...(local ? { to: { kind: "address", address: "127.0.0.1", port: number } } : {}),
    ...(pool === undefined ? {} : { pool }),
  };
}

/** A port that a Sidecar opens: callers of the mesh come by the services of this port, or by any of the workload's. */
function ingressPort(
  scope: Scope,
  { port: number, protocol, ...more }: Ingress,
  byPort: ReadonlyMap<number, readonly Served[]>,
  mtls: InboundMtls,
  { name, namespace, sidecar = "" }: InboundKey,
): InboundPort {
  const served = byPort.get(number);
  if (served !== undefined) return { ...inboundPort(scope, number, served, mtls, name), protocol, ...more };
  const all = [...byPort.values()].flat();
  const own = sidecar.slice(sidecar.indexOf("/") + 1);
  return {
    port: number,
    protocol,
    mode: mtls.ports[number] ?? mtls.mode,
    service: { host: `${own}.${namespace}`, name: own, namespace },
    meshNames: [...new Set(all.flatMap((s) => meshNames(scope, s.service)))],
    ownNames: [],
    ...more,
  };
}

function inboundPort(
  scope: Scope,
  number: number,
  served: readonly Served[],
  mtls: InboundMtls,
  workload: string,
): InboundPort {
  const { service, port } = served[0] as Served;
  const { host, name, namespace } = service;
  const headless = served.filter((s) => s.service.headless);
  const counted = statName(scope.ask(mesh, "").raw.inboundClusterStatName, { service, port });
  return {
    port: number,
    protocol: port.protocol,
    mode: mtls.ports[number] ?? mtls.mode,
    service: { host, name, namespace },
    meshNames: [...new Set(served.flatMap((s) => meshNames(scope, s.service)))],
    ownNames: [...new Set(headless.map((s) => `${workload}.${s.service.host}`))],
    ...(counted === undefined ? {} : { statName: counted }),
  };
}

/** Services that this workload serves: those that select it, and ServiceEntries that list its address. */
function servicesOf(scope: Scope, workload: InboundKey): readonly Service[] {
  const listed = new Set(workload.addresses.flatMap((ip) => scope.ask(entriesWithAddress, ip)));
  return scope.ask(visibleServices, workload.namespace).filter((service) => {
    if (service.namespace !== workload.namespace) return false;
    if (service.selector === undefined) return listed.has(service.host);
    return Object.entries(service.selector).every(([k, v]) => workload.labels[k] === v);
  });
}

const entryAddresses: Step<ReadonlyMap<string, readonly string[]>> = {
  name: "plan/entryAddresses",
  run: (scope) => {
    const index = new Map<string, string[]>();
    for (const entry of listAll<ServiceEntrySpec>(scope, types.ServiceEntry)) {
      for (const { address } of entry.spec.endpoints ?? []) {
        if (address !== undefined) index.set(address, [...(index.get(address) ?? []), ...entry.spec.hosts]);
      }
    }
    return index;
  },
};

/** Key: IP address. */
const entriesWithAddress: Step<readonly string[]> = {
  name: "plan/entriesWithAddress",
  run: (scope, address) => scope.ask(entryAddresses, "").get(address) ?? [],
};

function targetPort(port: ServicePort, workload: InboundKey): number | undefined {
  return typeof port.targetPort === "number" ? port.targetPort : workload.ports[port.targetPort];
}
