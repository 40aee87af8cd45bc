import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { fallbackSays } from "../cluster/fallback.ts";
import { blackHoleCluster } from "../cluster-name.ts";
import { meshHttpRoutes } from "../gateway-api/mesh-http.ts";
import { isMeshRouteGroup } from "../gateway-api/mesh-routes.ts";
import { mesh } from "../mesh.ts";
import type { Service } from "../service.ts";
import { type View, viewerOf } from "../view.ts";
import { type DestinationRef, destinationKey } from "./destination.ts";
import { fallback } from "./fallback-lookup.ts";
import { defaultRoute, httpRoutes, type RouteContext } from "./http-routes.ts";
import { virtualServiceMentions } from "./mentions.ts";
import { type Reach, reach } from "./reach.ts";
import { virtualServiceRules } from "./rules.ts";
import { virtualServicesFor } from "./selection.ts";
import { projectSource, type Source } from "./source.ts";
import type { VirtualHost } from "./table.ts";

/**
 * All that the routes of one host depend on, gathered for a client: lookups are done, and of the client only what the rules mention is left.
 * Clients with equal inputs share the routes. Goes through JSON, being (part of) a step's key.
 */
export interface HostInputs {
  readonly name: string;
  readonly domains: readonly string[];
  readonly host: string;
  readonly port: number;
  /** The service's object; absent for hosts that only a VirtualService knows. */
  readonly service?: Ref;
  /** Candidates, the strongest first; groups of Gateway API's routes among them. */
  readonly virtualServices: readonly string[];
  readonly source: Source;
  /** `destinationKey` → where it leads; sorted. */
  readonly reaches: readonly (readonly [string, Reach])[];
}

/** Gathers the inputs of a host's routes. */
export function hostInputs(
  scope: Scope,
  view: View,
  at: { readonly host: string; readonly port: number; readonly service?: Service; readonly domains: readonly string[] },
): HostInputs {
  const virtualServices = candidates(scope, viewerOf(view), at.host, at.service?.alias?.toLowerCase());
  const mentions = virtualServices.map((key) => scope.ask(virtualServiceMentions, key));
  const own: readonly DestinationRef[] = at.service ? [{ host: at.host, subset: "", port: at.port }] : [];
  const destinations = new Map([...own, ...mentions.flatMap((m) => m.destinations)].map((d) => [destinationKey(d), d]));
  const { service } = at;
  return {
    name: `${at.host}:${at.port}`,
    domains: at.domains,
    host: at.host,
    port: at.port,
    ...(service ? { service: { type: service.type, namespace: service.namespace, name: service.name } } : {}),
    virtualServices,
    source: projectSource(
      view,
      mentions.map((m) => m.source),
    ),
    reaches: [...destinations.keys()]
      .sort()
      .map((key) => [key, reach(scope, view, destinations.get(key) as DestinationRef, at.port)]),
  };
}

/** VirtualServices of a host, then of the host that it stands for. */
function candidates(scope: Scope, viewer: string, host: string, alias: string | undefined): readonly string[] {
  const own = scope.ask(virtualServicesFor, `${viewer}|${host}`);
  if (alias === undefined) return own;
  return [...new Set([...own, ...scope.ask(virtualServicesFor, `${viewer}|${alias}`)])];
}

/** The routes of a host: of the first VirtualService or group of routes that has one, else the default route. Undefined where there is none of both. */
export function virtualHost(
  scope: Scope,
  inputs: HostInputs,
): { readonly host: VirtualHost; readonly origins: readonly string[] } | undefined {
  const context = routeContext(scope, inputs);
  const { name, domains } = inputs;
  const service = inputs.service ? scope.get(inputs.service)?.origin.at : undefined;
  const origins = [
    ...(service === undefined ? [] : [service]),
    ...hashOrigins(scope, inputs),
    ...fallbackOrigins(scope, inputs),
  ];
  for (const key of inputs.virtualServices) {
    const made = routesOf(scope, key, context);
    if (made.routes.length > 0)
      return { host: { name, domains, routes: made.routes }, origins: [...made.origins, ...origins] };
  }
  if (inputs.service === undefined) return undefined;
  const route = { ...defaultRoute(inputs.host, context), origin: { ref: inputs.service, path: ["spec", "ports"] } };
  return { host: { name, domains, routes: [route] }, origins };
}

function routesOf(scope: Scope, key: string, context: RouteContext): ReturnType<typeof meshHttpRoutes> {
  if (isMeshRouteGroup(key)) return meshHttpRoutes(scope, key, context);
  const rules = scope.ask(virtualServiceRules, key);
  return { routes: rules ? httpRoutes(rules, context) : [], origins: rules?.origins ?? [] };
}

function routeContext(scope: Scope, { port, source, reaches }: HostInputs): RouteContext {
  const byKey = new Map(reaches);
  const { raw } = scope.ask(mesh, "");
  return {
    gateways: ["mesh"],
    port,
    source,
    defaultRetry: raw.defaultHttpRetryPolicy,
    clusterOf: (destination) => byKey.get(destinationKey(destination))?.cluster ?? blackHoleCluster,
    sessionOf: (destination) => byKey.get(destinationKey(destination))?.session,
    hashPoliciesOf: (destination) => byKey.get(destinationKey(destination))?.hash ?? [],
    isExternal: (destination) => byKey.get(destinationKey(destination))?.external === true,
    fallbackOf: (destination) => fallback(scope, byKey.get(destinationKey(destination))?.fallback),
  };
}

function fallbackOrigins(scope: Scope, { reaches }: HostInputs): readonly string[] {
  const said = new Set(reaches.flatMap(([, reached]) => reached.fallback?.by ?? []));
  return [...said].flatMap((by) => scope.ask(fallbackSays, by)?.at ?? []);
}

function hashOrigins(scope: Scope, { reaches }: HostInputs): readonly string[] {
  const rules = new Set(reaches.flatMap(([, { rules }]) => rules));
  return [...rules].flatMap((rule) => {
    const slash = rule.indexOf("/");
    const ref = { type: types.DestinationRule, namespace: rule.slice(0, slash), name: rule.slice(slash + 1) };
    return scope.get(ref)?.origin.at ?? [];
  });
}
