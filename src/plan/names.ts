import type { Scope, Step } from "../track/scope.ts";
import { usable } from "./endpoint.ts";
import { endpoints, endpointsKey } from "./registry/endpoints.ts";
import { serviceIndex } from "./registry/service-index.ts";
import { visibleServices } from "./registry.ts";
import type { Service } from "./service.ts";

/**
 * Addresses of every name that the mesh knows: full, lower-case host → addresses. A headless service has those of its ready endpoints, and one
 * name for each of its Pods; an alias has those of what it stands for, if the mesh knows that. Key: `viewerOf`, for what that viewer sees; none: all.
 */
export const meshNames: Step<ReadonlyMap<string, readonly string[]>> = {
  name: "plan/meshNames",
  run: (scope, viewer) => {
    const names = new Map<string, readonly string[]>();
    const headless = (service: Service) =>
      service.ports.slice(0, 1).flatMap((port) => usable(scope.ask(endpoints, endpointsKey(service, port.number))));
    const services = seen(scope, viewer);
    for (const service of services) {
      if (service.alias !== undefined) continue;
      const { host } = service;
      const own = service.addresses.filter((a) => !a.includes("/"));
      if (own.length > 0) names.set(host, own);
      if (!service.headless) continue;
      const all = headless(service);
      names.set(host, [...new Set(all.map((e) => e.address))]);
      for (const e of all) if (e.workload.instance !== "") names.set(`${e.workload.instance}.${host}`, [e.address]);
    }
    for (const { host, alias } of services) {
      const target = alias === undefined ? undefined : names.get(alias.toLowerCase());
      if (target !== undefined) names.set(host, target);
    }
    return names;
  },
};

function seen(scope: Scope, viewer: string): readonly Service[] {
  if (viewer !== "") return scope.ask(visibleServices, viewer);
  return [...scope.ask(serviceIndex, "").values()].flatMap(([best]) => best ?? []);
}
