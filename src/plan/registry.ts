import type { Step } from "../track/scope.ts";
import { seenFrom, serviceIndex } from "./registry/service-index.ts";
import type { Service } from "./service.ts";
import { narrowedServices } from "./sidecar/services.ts";
import { parseViewer } from "./view.ts";

/**
 * Services that a viewer may call, one for each host: of its own namespace before others', then the oldest; with a Sidecar what that takes in.
 * Sorted by host. Key: `viewerOf`.
 */
export const visibleServices: Step<readonly Service[]> = {
  name: "plan/visibleServices",
  run: (scope, viewer) => {
    const { namespace, sidecar } = parseViewer(viewer);
    const seen =
      sidecar === undefined
        ? [...scope.ask(serviceIndex, "").values()].flatMap((services) => seenFrom(services, namespace) ?? [])
        : narrowedServices(scope, viewer);
    return seen.toSorted((a, b) => (a.host < b.host ? -1 : 1));
  },
};

/** Host → what `visibleServices` says. Key: `viewerOf`. */
const visibleByHost: Step<ReadonlyMap<string, Service>> = {
  name: "plan/visibleByHost",
  run: (scope, viewer) => new Map(scope.ask(visibleServices, viewer).map((s) => [s.host, s])),
};

/** The service that a host means for a viewer. Key: `viewerOf|host`, the host full and lower-case. */
export const serviceFor: Step<Service | undefined> = {
  name: "plan/serviceFor",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    return scope.ask(visibleByHost, key.slice(0, bar)).get(key.slice(bar + 1));
  },
};
