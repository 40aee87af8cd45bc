import type { Scope, Step } from "../../track/scope.ts";
import { routeName } from "../cluster-name.ts";
import { serviceIndex } from "../registry/service-index.ts";
import { serviceFor, visibleServices } from "../registry.ts";
import type { Service } from "../service.ts";
import { parseView, type View, viewerOf, viewKey } from "../view.ts";
import { type Audience, hostAudience, viewAmong } from "./audience.ts";
import { type CatchAllInputs, catchAllTable } from "./catch-all.ts";
import { catchAllName, isRouted, outboundKey, parseOutboundKey } from "./names.ts";
import type { RouteTable } from "./table.ts";
import { type HostInputs, hostInputs, virtualHost } from "./virtual-host.ts";

/** What a table is made of; as JSON the key of `routeTable`. */
export type TableInputs =
  | { readonly kind: "service"; readonly host: HostInputs }
  | ({ readonly kind: "catchAll" } & CatchAllInputs);

/** The tables of all services that a view may call, as keys of `routeTable`. Key: `viewKey`. */
export const outboundRouteKeys: Step<readonly string[]> = {
  name: "plan/outboundRouteKeys",
  run: (scope, key) => {
    const view = parseView(key);
    return ownersSeenBy(scope, view).flatMap((namespace) => {
      const among = view.sidecar === undefined ? viewAmong(view, scope.ask(namespaceAudience, namespace)) : view;
      return scope.ask(routeKeysOf, `${namespace}|${viewKey(among)}`);
    });
  },
};

/** Tables of the services of one namespace. Key: `namespace|viewKey`, the view as `namespaceAudience` leaves it. */
const routeKeysOf: Step<readonly string[]> = {
  name: "plan/routeKeysOf",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const view = parseView(key.slice(bar + 1));
    const services = scope.ask(visibleByOwner, viewerOf(view)).get(key.slice(0, bar)) ?? [];
    return services.flatMap(({ host, ports }) => {
      if (host.startsWith("*")) return [];
      const among = viewAmong(view, scope.ask(hostAudience, host));
      return ports.flatMap(
        (p) => (isRouted(p.protocol) ? scope.ask(inputsKey, outboundKey(among, p.number, host)) : []) ?? [],
      );
    });
  },
};

/** Namespaces that have services for a view, sorted; without a Sidecar all that have services. */
export function ownersSeenBy(scope: Scope, view: View): readonly string[] {
  if (view.sidecar === undefined) return scope.ask(serviceNamespaces, "");
  return [...scope.ask(visibleByOwner, viewerOf(view)).keys()].sort();
}

/** Namespaces that have services, sorted. Key: none. */
const serviceNamespaces: Step<readonly string[]> = {
  name: "plan/serviceNamespaces",
  run: (scope) => [...scope.ask(servicesByOwner, "").keys()].sort(),
};

/** Namespace → hosts of its services. Key: none. */
const servicesByOwner: Step<ReadonlyMap<string, readonly string[]>> = {
  name: "plan/servicesByOwner",
  run: (scope) => {
    const all = [...scope.ask(serviceIndex, "").values()].flat();
    return new Map(
      [...Map.groupBy(all, (s) => s.namespace)].map(([ns, services]) => [ns, services.map((s) => s.host)]),
    );
  },
};

/** Namespace → services there that a viewer sees. Key: `viewerOf`; none: what everybody sees. */
export const visibleByOwner: Step<ReadonlyMap<string, readonly Service[]>> = {
  name: "plan/visibleByOwner",
  run: (scope, viewer) => Map.groupBy(scope.ask(visibleServices, viewer), (service) => service.namespace),
};

/** Who sees routes of its own to some service of a namespace. Key: namespace. */
export const namespaceAudience: Step<Audience> = {
  name: "plan/namespaceAudience",
  run: (scope, namespace) => {
    const hosts = scope.ask(servicesByOwner, "").get(namespace) ?? [];
    const all = hosts.map((host) => scope.ask(hostAudience, host));
    return {
      namespaces: [...new Set(all.flatMap((a) => a.namespaces))].sort(),
      mentions: all.flatMap((a) => a.mentions).filter((m) => m.labels.length > 0 || m.namespaces.length > 0),
    };
  },
};

/**
 * Resolves what the routes of a service's port depend on. The answer is the key of `routeTable`, equal for all views that see the same;
 * undefined where the view has no such service or port. Key: `outboundKey`.
 */
export const outboundRouteKey: Step<string | undefined> = {
  name: "plan/outboundRouteKey",
  run: (scope, key) => {
    const { port, host, view } = parseOutboundKey(key);
    return scope.ask(inputsKey, outboundKey(viewAmong(view, scope.ask(hostAudience, host)), port, host));
  },
};

/** The same for a view as `hostAudience` leaves it. Key: `outboundKey`. */
const inputsKey: Step<string | undefined> = {
  name: "plan/routeInputs",
  run: (scope, key) => {
    const { port, host, view } = parseOutboundKey(key);
    const service = scope.ask(serviceFor, `${viewerOf(view)}|${host}`);
    if (service?.ports.some((p) => p.number === port && isRouted(p.protocol)) !== true) return undefined;
    const inputs: TableInputs = {
      kind: "service",
      host: hostInputs(scope, view, { host, port, service, domains: ["*"] }),
    };
    return JSON.stringify(inputs);
  },
  early: true,
};

/** Name of the table of a key of `routeTable`. */
export function tableNameOf(key: string): string {
  const inputs = JSON.parse(key) as TableInputs;
  return inputs.kind === "catchAll" ? catchAllName(inputs.port) : routeName(inputs.host.port, inputs.host.host);
}

/** The table itself. Key: an answer of `outboundRouteKeys`, `outboundRouteKey` or `catchAllKey`. */
export const routeTable: Step<RouteTable> = {
  name: "plan/routeTable",
  run: (scope, key) => {
    const inputs = JSON.parse(key) as TableInputs;
    if (inputs.kind === "catchAll") return catchAllTable(scope, inputs);
    const { host, port } = inputs.host;
    const made = virtualHost(scope, inputs.host);
    return {
      name: routeName(port, host),
      virtualHosts: made === undefined ? [] : [made.host],
      scope: host,
      origins: made?.origins ?? [],
    };
  },
};

/** The table of a service's port for a view; undefined where the view has no such service or port. Key: `outboundKey`. */
export const outboundRouteTable: Step<RouteTable | undefined> = {
  name: "plan/outboundRouteTable",
  run: (scope, key) => {
    const found = scope.ask(outboundRouteKey, key);
    return found === undefined ? undefined : scope.ask(routeTable, found);
  },
};
