import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import type { Protocol } from "../protocol.ts";
import { visibleServices } from "../registry.ts";
import { type InboundMtls, inboundMtls, type MtlsMode } from "../security/peer-authentication.ts";
import type { Service, ServicePort } from "../service.ts";

/** What a sidecar takes in for its application. */
export interface InboundPlan {
  readonly ports: readonly InboundPort[];
  /** For every other port. */
  readonly mode: MtlsMode;
  readonly origins: readonly string[];
}

export interface InboundPort {
  /** Port at the workload. */
  readonly port: number;
  readonly protocol: Protocol;
  readonly mode: MtlsMode;
  /** The service of this port (of several, the first by host), for telemetry. */
  readonly service: { readonly host: string; readonly name: string; readonly namespace: string };
}

/** The part of a sidecar that its inbound side depends on. */
export interface InboundKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Container port name → number. */
  readonly ports: Readonly<Record<string, number>>;
}

/** The inbound side of a sidecar. Key: JSON of `InboundKey`. */
export const inboundPlan: Step<InboundPlan> = {
  name: "plan/inbound",
  run: (scope, key) => {
    const workload = JSON.parse(key) as InboundKey;
    const mtls = scope.ask(inboundMtls, JSON.stringify({ namespace: workload.namespace, labels: workload.labels }));
    const ports = new Map<number, InboundPort>();
    for (const service of servicesOf(scope, workload)) {
      for (const port of service.ports) {
        const number = targetPort(port, workload);
        if (number === undefined || port.protocol === "udp" || ports.has(number)) continue;
        ports.set(number, inboundPort(number, port, service, mtls));
      }
    }
    return { ports: [...ports.values()].sort((a, b) => a.port - b.port), mode: mtls.mode, origins: mtls.origins };
  },
};

function inboundPort(number: number, port: ServicePort, service: Service, mtls: InboundMtls): InboundPort {
  const { host, name, namespace } = service;
  return {
    port: number,
    protocol: port.protocol,
    mode: mtls.ports[number] ?? mtls.mode,
    service: { host, name, namespace },
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
