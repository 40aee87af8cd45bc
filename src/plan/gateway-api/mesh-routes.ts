import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import type { DestinationRef } from "../route/destination.ts";
import type { RouteContext } from "../route/http-routes.ts";
import type { HttpRoute } from "../route/table.ts";
import { typeIn } from "./grants.ts";
import { mergedRoutes } from "./http-routes.ts";
import { gatewayRoute, gatewayRouteKey } from "./rules.ts";

/** Routes of a namespace whose parent is a service: they hold for its clients in the mesh, together. */
export interface MeshRouteGroup {
  /** Key of what this room says of the group. */
  readonly key: string;
  /** Of the routes. */
  readonly namespace: string;
  readonly host: string;
  /** The service is of another namespace: only clients of the routes' own namespace are meant. */
  readonly consumer: boolean;
  /** Of the oldest. */
  readonly createdAt: number;
}

/** One route at one service. */
interface Attachment {
  /** `gatewayRouteKey`. */
  readonly route: string;
  readonly host: string;
  /** Absent: all ports. */
  readonly port?: number;
  readonly consumer: boolean;
  readonly createdAt: number;
}

const groupMark = "routes|";

/** Whether a key is one of a group, and not a VirtualService's. */
export function isMeshRouteGroup(key: string): boolean {
  return key.startsWith(groupMark);
}

/** HTTPRoutes and GRPCRoutes of a namespace at services. Key: namespace. */
const attachmentsIn: Step<readonly Attachment[]> = {
  name: "plan/meshRouteAttachments",
  run: (scope, namespace) =>
    [types.HttpRoute, types.GrpcRoute].flatMap((type) => attachmentsOf(scope, type, namespace)),
};

function attachmentsOf(scope: Scope, type: Type, namespace: string): readonly Attachment[] {
  return scope
    .list<{ readonly parentRefs?: readonly ParentReference[] }>(type, namespace)
    .flatMap(({ name, spec, createdAt }) =>
      (spec.parentRefs ?? []).flatMap((parent) =>
        parentHosts(scope, parent, namespace).map((host) => ({
          route: gatewayRouteKey("mesh", { type, namespace, name }),
          host,
          ...(parent.port === undefined ? {} : { port: parent.port }),
          consumer: (parent.namespace ?? namespace) !== namespace,
          createdAt,
        })),
      ),
    );
}

/** Hosts that a parentRef to a Service or ServiceEntry means; none for another kind. */
export function parentHosts(scope: Scope, parent: ParentReference, namespace: string): readonly string[] {
  const type = typeIn(parent.group ?? "gateway.networking.k8s.io", parent.kind ?? "Gateway");
  const owner = parent.namespace ?? namespace;
  if (type === types.Service) return [`${parent.name}.${owner}.svc.${scope.ask(mesh, "").domain}`];
  if (type !== types.ServiceEntry) return [];
  const entry = scope.get<ServiceEntrySpec>({ type, namespace: owner, name: parent.name });
  return (entry?.spec.hosts ?? []).map((host) => host.toLowerCase());
}

/** Key: namespace. */
export const meshRouteGroupsIn: Step<readonly MeshRouteGroup[]> = {
  name: "plan/meshRouteGroupsIn",
  run: (scope, namespace) => {
    const byHost = Map.groupBy(scope.ask(attachmentsIn, namespace), (a) => a.host);
    return [...byHost].map(([host, all]) => ({
      key: `${groupMark}${namespace}|${host}`,
      namespace,
      host,
      consumer: all.every((a) => a.consumer),
      createdAt: Math.min(...all.map((a) => a.createdAt)),
    }));
  },
};

/** Key: none. Sorted by age. */
export const meshRouteGroups: Step<readonly MeshRouteGroup[]> = {
  name: "plan/meshRouteGroups",
  run: (scope) => {
    const namespaces = new Set([...scope.namespaces(types.HttpRoute), ...scope.namespaces(types.GrpcRoute)]);
    const groups = [...namespaces].sort().flatMap((namespace) => scope.ask(meshRouteGroupsIn, namespace));
    return groups.sort((a, b) => a.createdAt - b.createdAt);
  },
};

/** Routes of a group, each with its port. Key: of the group. */
const membersOf: Step<readonly { readonly route: string; readonly port?: number }[]> = {
  name: "plan/meshRouteGroup",
  run: (scope, key) => {
    const [, namespace = "", host = ""] = key.split("|");
    return scope
      .ask(attachmentsIn, namespace)
      .filter((a) => a.host === host)
      .map(({ route, port }) => ({ route, ...(port === undefined ? {} : { port }) }));
  },
};

/** Services that the routes of a group send requests and copies to. Key: of the group. */
export const meshRouteDestinations: Step<readonly DestinationRef[]> = {
  name: "plan/meshRouteDestinations",
  run: (scope, key) =>
    scope.ask(membersOf, key).flatMap(({ route }) => {
      const rules = scope.ask(gatewayRoute, route)?.rules ?? [];
      return rules.flatMap(({ filters, backends }) => [
        ...backends.flatMap((b) => b.to ?? []),
        ...[filters, ...backends.map((b) => b.filters)].flatMap((f) => f.mirrors.map((m) => m.destination)),
      ]);
    }),
};

/** The http routes of a group for a client and port; none where no route is for that port. */
export function meshHttpRoutes(
  scope: Scope,
  key: string,
  context: RouteContext,
): { readonly routes: readonly HttpRoute[]; readonly origins: readonly string[] } {
  const members = scope.ask(membersOf, key).filter(({ port }) => port === undefined || port === context.port);
  const names = new Set(members.map((m) => m.route));
  const routes = [...names].flatMap((route) => scope.ask(gatewayRoute, route) ?? []);
  return { routes: mergedRoutes(routes, context), origins: routes.map((route) => route.at) };
}
