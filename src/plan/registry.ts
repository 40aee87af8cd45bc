import type { ServiceEntrySpec } from "../gen/istio/service-entry.ts";
import { types } from "../model/types.ts";
import type { Step } from "../track/scope.ts";
import { mesh } from "./mesh.ts";
import { kubernetesService, type ServiceSpec } from "./registry/kubernetes-service.ts";
import { serviceEntryServices } from "./registry/service-entry.ts";
import { exportedTo } from "./registry/visibility.ts";
import type { Service } from "./service.ts";

/** Services that the objects of a namespace describe. Key: namespace. */
const servicesIn: Step<readonly Service[]> = {
  name: "plan/servicesIn",
  run: (scope, namespace) => {
    const { domain, defaultServiceExportTo } = scope.ask(mesh, "");
    return [
      ...scope
        .list<ServiceSpec>(types.Service, namespace)
        .map((r) => kubernetesService(r, domain, defaultServiceExportTo)),
      ...scope
        .list<ServiceEntrySpec>(types.ServiceEntry, namespace)
        .flatMap((r) => serviceEntryServices(r, defaultServiceExportTo)),
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
    for (const services of index.values()) services.sort(byAge);
    return index;
  },
};

/** Services that a namespace may call, one for each host: its own before others', then the oldest. Sorted by host. Key: namespace. */
export const visibleServices: Step<readonly Service[]> = {
  name: "plan/visibleServices",
  run: (scope, viewer) =>
    [...scope.ask(serviceIndex, "").values()]
      .flatMap((services) => seenFrom(services, viewer) ?? [])
      .sort((a, b) => (a.host < b.host ? -1 : 1)),
};

/** Host → what `visibleServices` says. Key: namespace. */
const visibleByHost: Step<ReadonlyMap<string, Service>> = {
  name: "plan/visibleByHost",
  run: (scope, viewer) => new Map(scope.ask(visibleServices, viewer).map((s) => [s.host, s])),
};

/** The service that a host means for a namespace. Key: `namespace|host`, full and lower-case. */
export const serviceFor: Step<Service | undefined> = {
  name: "plan/serviceFor",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    return scope.ask(visibleByHost, key.slice(0, bar)).get(key.slice(bar + 1));
  },
};

function seenFrom(services: readonly Service[], viewer: string): Service | undefined {
  const seen = services.filter((s) => exportedTo(s.exportTo, s.namespace, viewer));
  return seen.find((s) => s.namespace === viewer) ?? seen[0];
}

function byAge(a: Service, b: Service): number {
  if (a.kind !== b.kind) return a.kind === "Service" ? -1 : 1;
  return a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1);
}
