import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { Ref, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { typeIn } from "./grants.ts";

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
  readonly route: Ref;
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

/** Types of routes that may stand at a service. */
export const meshRouteTypes: readonly Type[] = [types.HttpRoute, types.GrpcRoute, types.TlsRoute, types.TcpRoute];

/** Routes of a namespace at services. Key: namespace. */
const attachmentsIn: Step<readonly Attachment[]> = {
  name: "plan/meshRouteAttachments",
  run: (scope, namespace) => meshRouteTypes.flatMap((type) => attachmentsOf(scope, type, namespace)),
};

function attachmentsOf(scope: Scope, type: Type, namespace: string): readonly Attachment[] {
  return scope
    .list<{ readonly parentRefs?: readonly ParentReference[] }>(type, namespace)
    .flatMap(({ name, spec, createdAt }) =>
      (spec.parentRefs ?? []).flatMap((parent) =>
        parentHosts(scope, parent, namespace).map((host) => ({
          route: { type, namespace, name },
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
    const namespaces = new Set(meshRouteTypes.flatMap((type) => scope.namespaces(type)));
    const groups = [...namespaces].sort().flatMap((namespace) => scope.ask(meshRouteGroupsIn, namespace));
    return groups.sort((a, b) => a.createdAt - b.createdAt);
  },
};

/** Routes of a group for a port. */
export function membersAt(scope: Scope, key: string, port: number): readonly Ref[] {
  return distinct(scope.ask(membersOf, key).filter((m) => m.port === undefined || m.port === port));
}

/** All routes of a group. */
export function allMembers(scope: Scope, key: string): readonly Ref[] {
  return distinct(scope.ask(membersOf, key));
}

interface Member {
  readonly route: Ref;
  readonly port?: number;
}

/** A route may name a service twice. */
function distinct(members: readonly Member[]): readonly Ref[] {
  return [...new Map(members.map(({ route }) => [`${route.type}|${route.name}`, route])).values()];
}

/** Key: of the group. */
const membersOf: Step<readonly Member[]> = {
  name: "plan/meshRouteGroup",
  run: (scope, key) => {
    const [, namespace = "", host = ""] = key.split("|");
    return scope
      .ask(attachmentsIn, namespace)
      .filter((a) => a.host === host)
      .map(({ route, port }) => ({ route, ...(port === undefined ? {} : { port }) }));
  },
};

/** Host of a group. */
export function groupHost(key: string): string {
  return key.slice(key.lastIndexOf("|") + 1);
}
