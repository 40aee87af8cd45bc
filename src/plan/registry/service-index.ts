import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import type { Service } from "../service.ts";
import { type EntryVisibility, entryVisibility } from "./entry-visibility.ts";
import { kubernetesService, type ServiceSpec } from "./kubernetes-service.ts";
import { serviceEntryServices } from "./service-entry.ts";
import { exportedTo } from "./visibility.ts";

/** Services of one ServiceEntry, without its endpoints: an edit of those stops here. Key: `namespace/name`. */
const entryServices: Step<readonly Service[]> = {
  name: "plan/serviceEntryServices",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const entry = scope.get<ServiceEntrySpec>({ type: types.ServiceEntry, namespace, name });
    return entry === undefined ? [] : serviceEntryServices(entry, scope.ask(mesh, "").defaultServiceExportTo);
  },
  early: true,
};

/** Services that the objects of a namespace describe. Key: namespace. */
export const servicesIn: Step<readonly Service[]> = {
  name: "plan/servicesIn",
  run: (scope, namespace) => {
    const { domain, defaultServiceExportTo } = scope.ask(mesh, "");
    const visibility = scope.ask(entryVisibility, namespace);
    return [
      ...scope
        .list<ServiceSpec>(types.Service, namespace)
        .map((r) => kubernetesService(r, domain, defaultServiceExportTo)),
      ...scope
        .names(types.ServiceEntry, namespace)
        .flatMap((name) => scope.ask(entryServices, `${namespace}/${name}`))
        .map((s) => withVisibility(s, visibility)),
    ];
  },
};

/** Host → services of that name, the oldest first; a Kubernetes Service comes before a ServiceEntry of its name. Key: none. */
export const serviceIndex: Step<ReadonlyMap<string, readonly Service[]>> = {
  name: "plan/serviceIndex",
  run: (scope) => {
    const index = new Map<string, Service[]>();
    const namespaces = new Set([...scope.namespaces(types.Service), ...scope.namespaces(types.ServiceEntry)]);
    for (const namespace of [...namespaces].sort()) {
      for (const service of scope.ask(servicesIn, namespace)) {
        const found = index.get(service.host);
        if (found === undefined) index.set(service.host, [service]);
        else found.push(service);
      }
    }
    return new Map([...index].map(([host, services]) => [host, together(services.sort(byAge))]));
  },
};

function withVisibility(service: Service, visibility: EntryVisibility): Service {
  if (visibility === "PUBLIC") return service;
  const own = visibility === "NAMESPACE" && exportedTo(service.exportTo, service.namespace, service.namespace);
  return { ...service, exportTo: [own ? "." : "~"] };
}

/**
 * ServiceEntries of one namespace for one host say it together: ports are merged, of two for one port the older one's counts, and each has its
 * endpoints. Those that find endpoints in another way than the oldest stay apart (they lose, as before).
 */
function together(services: readonly Service[]): readonly Service[] {
  if (services.length === 1) return services;
  const merged: Service[] = [];
  for (const service of services) {
    const at = merged.findIndex((s) => s.kind === "ServiceEntry" && isSameEntry(s, service));
    const first = merged[at];
    if (first === undefined) merged.push(service);
    else merged[at] = withEntry(first, service);
  }
  return merged;
}

function isSameEntry(a: Service, b: Service): boolean {
  return a.type === b.type && a.namespace === b.namespace && a.resolution === b.resolution && a.external === b.external;
}

function withEntry(first: Service, more: Service): Service {
  const known = new Set(first.ports.map((p) => p.number));
  return {
    ...first,
    ports: [...first.ports, ...more.ports.filter((p) => !known.has(p.number))],
    addresses: [...new Set([...first.addresses, ...more.addresses])],
    subjectAltNames: [...new Set([...first.subjectAltNames, ...more.subjectAltNames])],
    entries: [...(first.entries ?? [first.name]), more.name],
  };
}

/** Services of one host, the best first. Key: host. */
export const servicesNamed: Step<readonly Service[]> = {
  name: "plan/servicesNamed",
  run: (scope, host) => scope.ask(serviceIndex, "").get(host) ?? [],
};

/** Of services of one host, the best first, the one that a namespace sees: its own before others'. */
export function seenFrom(services: readonly Service[], viewer: string): Service | undefined {
  const seen = services.filter((s) => exportedTo(s.exportTo, s.namespace, viewer));
  return seen.find((s) => s.namespace === viewer) ?? seen[0];
}

/** Orders services of one host: of Kubernetes, then the oldest. */
export function byAge(a: Service, b: Service): number {
  if (a.kind !== b.kind) return a.kind === "Service" ? -1 : 1;
  return a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1);
}
