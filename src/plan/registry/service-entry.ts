import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { namedProtocol } from "../protocol.ts";
import type { Service } from "../service.ts";

const resolutions: Readonly<Record<string, Service["resolution"]>> = {
  NONE: "none",
  STATIC: "static",
  DNS: "dns",
  DNS_ROUND_ROBIN: "dns-round-robin",
  DYNAMIC_DNS: "dynamic-dns",
};

interface AllocatedAddresses {
  readonly addresses?: readonly { readonly host: string; readonly value: string }[];
}

/** What a ServiceEntry says: one service for each of its hosts. */
export function serviceEntryServices(
  resource: Resource<ServiceEntrySpec>,
  exportTo: readonly string[],
): readonly Service[] {
  const { spec } = resource;
  const allocated = (resource.status as AllocatedAddresses | undefined)?.addresses ?? [];
  const selector = spec.workloadSelector?.labels;
  return (spec.hosts ?? []).map((host) => {
    const own = spec.addresses ?? [];
    return {
      host: host.toLowerCase(),
      namespace: resource.namespace,
      name: resource.name,
      kind: "ServiceEntry",
      addresses: own.length > 0 ? own : allocated.filter((a) => a.host === host).map((a) => a.value),
      ports: (spec.ports ?? []).map((port) => ({
        number: port.number ?? 0,
        name: port.name ?? "",
        protocol: namedProtocol(port.protocol),
        targetPort: port.targetPort ?? port.number ?? 0,
      })),
      resolution: resolutions[spec.resolution ?? "NONE"] ?? "none",
      headless: false,
      ...(resource.annotations["istio.io/connect-strategy"] === "RACE_FIRST_TCP_CONNECT"
        ? { racesAddresses: true }
        : {}),
      external: spec.location !== "MESH_INTERNAL",
      exportTo: spec.exportTo && spec.exportTo.length > 0 ? spec.exportTo : exportTo,
      labels: resource.labels,
      annotations: resource.annotations,
      ...(selector && Object.keys(selector).length > 0 ? { selector } : {}),
      subjectAltNames: spec.subjectAltNames ?? [],
      createdAt: resource.createdAt,
      type: resource.type,
      ref: formatRef(resource),
      at: resource.origin.at,
    };
  });
}
