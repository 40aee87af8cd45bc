import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { ListenerSetSpec } from "../../gen/gateway-api/listener-set.ts";
import type { Ref, Type } from "../../model/resource.ts";
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
  /** Listeners that take it, with the hosts that they have in common. */
  readonly listeners: readonly { readonly key: string; readonly hosts: readonly string[] }[];
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
      return [{ index, parent, ...attach(scope, route, spec?.hostnames ?? [], said, all) }];
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
  const set = scope.get<ListenerSetSpec>(parent);
  if (set === undefined) return undefined;
  const { name, namespace = parent.namespace } = set.spec.parentRef;
  const gateway = scope.get<GatewaySpec>({ type: types.KubernetesGateway, namespace, name });
  if (gateway === undefined || !isOwnGateway(scope, gateway)) return undefined;
  return mayAdd(scope, gateway, parent) && listenerSets(scope, gateway).some((s) => sameRef(s, parent))
    ? `${namespace}/${name}`
    : undefined;
}

function attach(
  scope: Scope,
  route: Ref,
  hostnames: readonly string[],
  { sectionName, port }: ParentReference,
  all: readonly ListenerPlan[],
): Pick<Attachment, "listeners" | "fault"> {
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
  return { listeners: listeners.filter((l) => l.serves).map(({ key, hosts }) => ({ key, hosts })) };
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

function refused(reason: string, message: string): Pick<Attachment, "listeners" | "fault"> {
  return { listeners: [], fault: { reason, message } };
}

/** Why a route does not hold at a Gateway or ListenerSet; undefined where it does, `another's` where another controller's word counts. */
export function gatewayParentFault(
  scope: Scope,
  route: Ref,
  said: ParentReference,
  index: number,
): ParentFault | "another's" | undefined {
  const parent = parentOf(route, said);
  const found = scope.ask(attachmentsOf, routeKey(route)).find((a) => a.index === index);
  if (found !== undefined) return found.fault ?? idle(scope, parent, found);
  const what = `${parent.type.split(".")[0]} ${parent.namespace}/${parent.name}`;
  if (scope.get(parent) === undefined) return { reason: "NoMatchingParent", message: `there is no ${what}` };
  if (parent.type === types.KubernetesGateway) return "another's";
  return { reason: "NoMatchingParent", message: `no Gateway of the mesh takes the listeners of ${what}` };
}

/** Of listeners that fit, none serves. */
function idle(scope: Scope, parent: Ref, { listeners }: Attachment): ParentFault | undefined {
  if (listeners.length > 0) return undefined;
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
