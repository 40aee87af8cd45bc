import type { Step } from "../../track/scope.ts";
import { routeName } from "../cluster-name.ts";
import { serviceFor } from "../registry.ts";
import { type CatchAllInputs, catchAllTable } from "./catch-all.ts";
import { isRouted, parseOutboundKey } from "./names.ts";
import type { RouteTable } from "./table.ts";
import { type HostInputs, hostInputs, virtualHost } from "./virtual-host.ts";

/** What a table is made of; as JSON the key of `routeTable`. */
export type TableInputs =
  | { readonly kind: "service"; readonly host: HostInputs }
  | ({ readonly kind: "catchAll" } & CatchAllInputs);

/**
 * First level: resolves for a view what the routes of a service's port depend on. The answer is the key of `routeTable`, equal for all views
 * that see the same; undefined where the view has no such service or port. Key: `outboundKey`.
 */
export const outboundRouteKey: Step<string | undefined> = {
  name: "plan/outboundRouteKey",
  run: (scope, key) => {
    const { port, host, view } = parseOutboundKey(key);
    const service = scope.ask(serviceFor, `${view.namespace}|${host}`);
    if (service?.ports.some((p) => p.number === port && isRouted(p.protocol)) !== true) return undefined;
    const inputs: TableInputs = {
      kind: "service",
      host: hostInputs(scope, view, { host, port, service, domains: ["*"] }),
    };
    return JSON.stringify(inputs);
  },
};

/** Second level: the table itself. Key: an answer of `outboundRouteKey` or `catchAllKey`. */
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
