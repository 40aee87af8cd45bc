import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { portProtocol } from "../../plan/protocol.ts";
import type { ServiceSpec } from "../../plan/registry/kubernetes-service.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, nameField, report } from "../finding.ts";
import { isControlPlane, isSystemNamespace } from "../workloads.ts";

/** Ports whose protocol nothing says. */
export const portNames: Analyzer = {
  name: "service.PortNameAnalyzer",
  description: "Checks the port names associated with each service",
  inputs: [types.Service],
  codes: ["IST0118", "IST0150"],
  also: ["KIA0601"],
  step: forEach<ServiceSpec>("portNames", types.Service, (_scope, service) => {
    if (isSystemNamespace(service.namespace) || isControlPlane(service.labels)) return [];
    const external = service.spec.type === "ExternalName";
    return (service.spec.ports ?? []).flatMap((port, i) => {
      const name = port.name ?? "";
      const unsaid = portProtocol(port) === "unsupported";
      if (!unsaid && !(external && name === "tcp")) return [];
      const line = ["spec", "ports", i, "port"];
      const path = ["spec", "ports", i, ...(port.name === undefined ? [] : ["name"])];
      if (external)
        return [
          report(service, "IST0150", [], { path, line, fix: 'name it by its protocol, such as "http" or "https"' }),
        ];
      const fix = `begin the name with its protocol ("http${name === "" ? "" : `-${name}`}", "tcp-..."), or set appProtocol`;
      return [
        report(service, "IST0118", [name, port.port, String(port.targetPort ?? 0)], {
          path,
          line,
          fix,
          also: "KIA0601",
        }),
      ];
    });
  }),
};

type ServiceEntry = Resource<ServiceEntrySpec>;

/** TCP to names: without an address there is nothing to tell them apart by. */
export const serviceEntryAddresses: Analyzer = {
  name: "serviceentry.Analyzer",
  description: "Checks the validity of ServiceEntry",
  inputs: [types.ServiceEntry],
  codes: ["IST0134"],
  step: forEach<ServiceEntrySpec>("serviceEntryAddresses", types.ServiceEntry, (scope, entry) => {
    const { addresses, ports = [] } = entry.spec;
    if (addresses !== undefined || isAllocated(scope, entry)) return [];
    return ports.flatMap((port, i) => {
      if ((port.protocol ?? "") !== "" && port.protocol !== "TCP") return [];
      const fix = "add addresses, so that the proxy can tell this host from others on the port";
      const path = ["spec", "ports", i, ...(port.protocol === undefined ? [] : ["protocol"])];
      return [report(entry, "IST0134", [], { path, line: ["spec", "ports", i, "name"], fix })];
    });
  }),
};

/** Whether the control plane gives it an address. */
function isAllocated(scope: Scope, entry: ServiceEntry): boolean {
  const given = (entry.status as { readonly addresses?: readonly unknown[] } | undefined)?.addresses;
  if (given !== undefined && given.length > 0) return true;
  const config = scope.ask(mesh, "").raw["defaultConfig"] as { proxyMetadata?: Record<string, unknown> } | undefined;
  const metadata = config?.proxyMetadata ?? {};
  return (
    String(metadata["ISTIO_META_DNS_CAPTURE"]) === "true" && String(metadata["ISTIO_META_DNS_AUTO_ALLOCATE"]) === "true"
  );
}

/** ServiceEntries that disagree on what a host's port speaks. */
export const serviceEntryProtocols: Analyzer = {
  name: "serviceentry.ConflictingServiceEntryProtocolAnalyzer",
  description: "Checks if multiple ServiceEntries define the same host and port with different protocols",
  inputs: [types.ServiceEntry],
  codes: ["IST0177"],
  also: ["KIA1212"],
  step: forAll("serviceEntryProtocols", (scope) => {
    const index = new Map<string, { readonly entry: ServiceEntry; readonly protocol: string }[]>();
    for (const entry of listAll<ServiceEntrySpec>(scope, types.ServiceEntry)) {
      for (const viewer of viewersOf(entry)) {
        for (const host of entry.spec.hosts ?? []) {
          for (const port of entry.spec.ports ?? []) {
            const key = `${viewer}|${port.number}|${host}`;
            index.set(key, [...(index.get(key) ?? []), { entry, protocol: (port.protocol ?? "").toUpperCase() }]);
          }
        }
      }
    }
    const told = new Set<ServiceEntry>();
    return [...index].flatMap(([key, own]) => {
      const [viewer = "", port = "", host = ""] = key.split("|");
      const uses = viewer === "*" ? own : [...own, ...(index.get(`*|${port}|${host}`) ?? [])];
      const protocols = [...new Set(uses.map((u) => u.protocol))].sort();
      return protocols.length < 2
        ? []
        : disagreement(
            uses.map((u) => u.entry),
            host,
            Number(port),
            protocols,
            told,
          );
    });
  }),
};

function viewersOf({ namespace, spec }: ServiceEntry): string[] {
  if (!spec.exportTo?.length || spec.exportTo.includes("*")) return ["*"];
  return [...new Set(spec.exportTo.map((ns) => (ns === "." ? namespace : ns)))];
}

/** Each entry is told once. */
function disagreement(
  all: readonly ServiceEntry[],
  host: string,
  port: number,
  protocols: readonly string[],
  told: Set<ServiceEntry>,
): Finding[] {
  const entries = [...new Set(all)].sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  const names = { joined: entries.map((entry) => ({ nameOf: entry })), by: ", " };
  return entries.flatMap((entry) => {
    if (told.has(entry)) return [];
    told.add(entry);
    const index = (entry.spec.ports ?? []).findIndex((p) => p.number === port);
    const place = {
      path: ["spec", "ports", Math.max(0, index)],
      line: nameField,
      fix: "write one protocol in all of them",
      also: "KIA1212" as const,
    };
    return [report(entry, "IST0177", [names, host, port, protocols.join(", ")], place)];
  });
}
