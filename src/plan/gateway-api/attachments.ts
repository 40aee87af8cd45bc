import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { ListenerSetSpec } from "../../gen/gateway-api/listener-set.ts";
import type { Ref, Resource, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { hostMatches } from "../host.ts";
import { isOwnGateway } from "./gateways.ts";
import { letsIn } from "./label-selector.ts";
import { apiListeners, type ListenerPlan, listenerSets, mayAdd } from "./listeners.ts";
import { type ParentFault, parentOf } from "./mesh-parents.ts";

/** What became of a route at one of the Gateways or ListenerSets that it names. */
export interface Attachment {
  /** Place in `spec.parentRefs`. */
  readonly index: number;
  readonly parent: Ref;
  /** The parent, or the Gateway whose listeners the parent adds to. */
  readonly gateway: Ref;
  /** Listeners that take it, with the hosts that they have in common. */
  readonly listeners: readonly { readonly key: string; readonly hosts: readonly string[] }[];
  /** Keys of those, and of such as would take it if they served. */
  readonly fits: readonly string[];
  /** Why none does: a reason of the specification's condition `Accepted`. */
  readonly fault?: ParentFault;
}

/** The types of routes. */
export const routeTypes: readonly Type[] = [
  types.HttpRoute,
  types.GrpcRoute,
  types.TlsRoute,
  types.TcpRoute,
  types.UdpRoute,
];

interface RouteSpec {
  readonly parentRefs?: readonly ParentReference[];
  readonly hostnames?: readonly string[];
}

/** What became of a route at each Gateway and ListenerSet of the mesh that it names. Key: `type|namespace/name`. */
export const attachmentsOf: Step<readonly Attachment[]> = {
  name: "plan/gatewayAttachments",
  run: (scope, key) => {
    const route = parseRouteKey(key);
    const spec = scope.get<RouteSpec>(route)?.spec;
    return (spec?.parentRefs ?? []).flatMap((said, index) => {
      const parent = parentOf(route, said);
      const gateway = owningGateway(scope, parent);
      if (gateway === undefined) return [];
      const all = scope.ask(apiListeners, gateway).filter((l) => sameRef(l.holder, parent));
      const [namespace = "", name = ""] = gateway.split("/");
      const owner = { type: types.KubernetesGateway, namespace, name };
      return [{ index, parent, gateway: owner, ...attach(scope, route, spec?.hostnames ?? [], said, all) }];
    });
  },
};

/** The key of `attachmentsOf`. */
export function routeKey({ type, namespace, name }: Ref): string {
  return `${type}|${namespace}/${name}`;
}

export function parseRouteKey(key: string): Ref {
  const [type = "", path = ""] = key.split("|");
  const slash = path.indexOf("/");
  return { type, namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** `namespace/name` of the mesh's Gateway that a parent is, or whose listeners a ListenerSet adds to. */
function owningGateway(scope: Scope, parent: Ref): string | undefined {
  if (parent.type !== types.KubernetesGateway && parent.type !== types.ListenerSet) return undefined;
  if (parent.type === types.KubernetesGateway) {
    const gateway = scope.get<GatewaySpec>(parent);
    return gateway !== undefined && isOwnGateway(scope, gateway) ? `${parent.namespace}/${parent.name}` : undefined;
  }
  const gateway = gatewayOfSet(scope, parent);
  if (gateway === undefined || !isOwnGateway(scope, gateway)) return undefined;
  return mayAdd(scope, gateway, parent) && listenerSets(scope, gateway).some((s) => sameRef(s, parent))
    ? `${gateway.namespace}/${gateway.name}`
    : undefined;
}

function attach(
  scope: Scope,
  route: Ref,
  hostnames: readonly string[],
  { sectionName, port }: ParentReference,
  all: readonly ListenerPlan[],
): Pick<Attachment, "listeners" | "fits" | "fault"> {
  const named = all.filter(
    (l) => (sectionName === undefined || l.name === sectionName) && (port === undefined || l.port === port),
  );
  if (named.length === 0) {
    const wanted = [sectionName && `named ${sectionName}`, port && `on port ${port}`].filter(Boolean).join(" ");
    return refused("NoMatchingParent", `there is no listener${wanted === "" ? "" : ` ${wanted}`}`);
  }
  const open = named.filter(
    (l) => l.kinds.includes(route.type) && letsIn(scope, l.namespaces, l.holder.namespace, route.namespace),
  );
  if (open.length === 0) {
    const names = named.map((l) => l.name).join(", ");
    return refused(
      "NotAllowedByListeners",
      `no listener (${names}) takes routes of this kind from namespace ${route.namespace}`,
    );
  }
  const byHost = route.type === types.TcpRoute || route.type === types.UdpRoute ? [] : hostnames;
  const listeners = open.flatMap((l) => {
    const hosts = commonHosts(l, byHost);
    return hosts.length === 0 ? [] : [{ key: l.key, hosts, serves: l.serves }];
  });
  if (listeners.length === 0) {
    const hosts = open.map((l) => l.hostname).join(", ");
    return refused("NoMatchingListenerHostname", `none of its hostnames is one of the listeners' (${hosts})`);
  }
  return {
    listeners: listeners.filter((l) => l.serves).map(({ key, hosts }) => ({ key, hosts })),
    fits: listeners.map((l) => l.key),
  };
}

/** The narrower of a listener's and each of a route's hosts; a route without hosts takes the listener's. */
function commonHosts({ hostname }: ListenerPlan, hostnames: readonly string[]): readonly string[] {
  if (hostnames.length === 0) return [hostname];
  const shared = hostnames.flatMap((said) => {
    const host = said.toLowerCase();
    if (hostMatches(hostname, host)) return [host];
    return hostMatches(host, hostname) ? [hostname] : [];
  });
  return [...new Set(shared)];
}

function refused(reason: string, message: string): Pick<Attachment, "listeners" | "fits" | "fault"> {
  return { listeners: [], fits: [], fault: { reason, message } };
}

/** What keeps a route from its clients at a Gateway or ListenerSet. */
export interface GatewayParent {
  /** It does not hold there. */
  readonly fault?: ParentFault;
  /** It holds, and of the listeners that it fits none serves. */
  readonly idle?: ParentFault;
  /** The parent is not there: nobody knows whose it would be. */
  readonly missing?: boolean;
}

/** How a route stands at a Gateway or ListenerSet; `another's` where another controller's word counts. */
export function gatewayParent(
  scope: Scope,
  route: Ref,
  said: ParentReference,
  index: number,
): GatewayParent | "another's" {
  const parent = parentOf(route, said);
  const found = scope.ask(attachmentsOf, routeKey(route)).find((a) => a.index === index);
  if (found !== undefined) {
    if (found.fault !== undefined) return { fault: found.fault };
    return found.listeners.length > 0 ? {} : { idle: idle(scope, parent) };
  }
  const what = `${parent.type.split(".")[0]} ${parent.namespace}/${parent.name}`;
  const none = (message: string): GatewayParent => ({ fault: { reason: "NoMatchingParent", message } });
  if (scope.get(parent) === undefined) return { ...none(`there is no ${what}`), missing: true };
  if (parent.type === types.KubernetesGateway || isAnothers(scope, parent)) return "another's";
  return none(`no Gateway of the mesh takes the listeners of ${what}`);
}

/** Whether a ListenerSet is for a Gateway of another controller. */
function isAnothers(scope: Scope, set: Ref): boolean {
  const gateway = gatewayOfSet(scope, set);
  return gateway !== undefined && !isOwnGateway(scope, gateway);
}

function gatewayOfSet(scope: Scope, set: Ref): Resource<GatewaySpec> | undefined {
  const said = scope.get<ListenerSetSpec>(set)?.spec.parentRef;
  if (said === undefined) return undefined;
  const { name, namespace = set.namespace } = said;
  return scope.get<GatewaySpec>({ type: types.KubernetesGateway, namespace, name });
}

/** Of listeners that fit, none serves. */
function idle(scope: Scope, parent: Ref): ParentFault {
  const gateway = owningGateway(scope, parent) ?? "";
  const names = scope.ask(apiListeners, gateway).filter((l) => sameRef(l.holder, parent) && !l.serves);
  return {
    reason: "NoReadyListeners",
    message: `no listener that it fits serves (${names.map((l) => l.name).join(", ")})`,
  };
}

function sameRef(a: Ref, b: Ref): boolean {
  return a.type === b.type && a.namespace === b.namespace && a.name === b.name;
}

/** A route at one listener. */
export interface AttachedRoute {
  /** See `routeKey`. */
  readonly route: string;
  readonly hosts: readonly string[];
}

/** Listener → how many routes of a namespace fit it, whether it serves or not. Key: namespace of the routes. */
const fittingIn: Step<ReadonlyMap<string, number>> = {
  name: "plan/fittingRoutesIn",
  run: (scope, namespace) => {
    const found = routeTypes.flatMap((type) =>
      scope.names(type, namespace).flatMap((name) => {
        const fits = scope.ask(attachmentsOf, routeKey({ type, namespace, name })).flatMap((a) => a.fits);
        return [...new Set(fits)];
      }),
    );
    return new Map([...Map.groupBy(found, (key) => key)].map(([key, all]) => [key, all.length]));
  },
};

/** How many routes are at a listener by the specification's count, which is whether it serves or not. Key: `ListenerPlan.key`. */
export const fittingRoutes: Step<number> = {
  name: "plan/fittingRoutes",
  run: (scope, key) => {
    const namespaces = new Set(routeTypes.flatMap((type) => scope.namespaces(type)));
    return [...namespaces].reduce((sum, namespace) => sum + (scope.ask(fittingIn, namespace).get(key) ?? 0), 0);
  },
};

/** Listener → routes at it, as their keys. Key: namespace of the routes. */
const attachedIn: Step<ReadonlyMap<string, readonly AttachedRoute[]>> = {
  name: "plan/attachedRoutesIn",
  run: (scope, namespace) => {
    const found = routeTypes.flatMap((type) =>
      scope.list(type, namespace).flatMap(({ name }) => {
        const route = routeKey({ type, namespace, name });
        return scope
          .ask(attachmentsOf, route)
          .flatMap(({ listeners }) => listeners.map(({ key, hosts }) => ({ key, route, hosts })));
      }),
    );
    return Map.groupBy(found, (f) => f.key);
  },
};

/** Routes at a listener; one that names it twice is one. Key: `ListenerPlan.key`. */
export const attachedTo: Step<readonly AttachedRoute[]> = {
  name: "plan/attachedRoutes",
  run: (scope, key) => {
    const namespaces = new Set(routeTypes.flatMap((type) => scope.namespaces(type)));
    const all = [...namespaces].sort().flatMap((namespace) => scope.ask(attachedIn, namespace).get(key) ?? []);
    return [...Map.groupBy(all, (a) => a.route)].map(([route, same]) => ({
      route,
      hosts: [...new Set(same.flatMap((s) => s.hosts))],
    }));
  },
};
