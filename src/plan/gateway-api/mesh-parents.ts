import type { ParentReference } from "../../gen/gateway-api/http-route.ts";
import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { isHttp, isTls, type Protocol } from "../protocol.ts";
import { serviceFor } from "../registry.ts";
import { isRouted } from "../route/names.ts";
import type { ServicePort } from "../service.ts";
import { typeIn } from "./grants.ts";
import { parentHosts } from "./mesh-routes.ts";

/** Why a route does not hold at a parent: a reason of the specification's condition `Accepted`. */
export interface ParentFault {
  readonly reason: string;
  /** A sentence without a full stop. */
  readonly message: string;
}

/** The object that a parentRef means. */
export function parentOf(route: Pick<Ref, "namespace">, { group, kind, namespace, name }: ParentReference): Ref {
  const type = typeIn(group ?? "gateway.networking.k8s.io", kind ?? "Gateway");
  return { type, namespace: namespace ?? route.namespace, name };
}

/** Why a route does not hold for the clients of a Service or ServiceEntry; undefined where it does. */
export function meshParentFault(scope: Scope, route: Ref, said: ParentReference): ParentFault | undefined {
  const parent = parentOf(route, said);
  const kind = parent.type === types.Service ? "Service" : "ServiceEntry";
  const what = `${kind} ${parent.namespace}/${parent.name}`;
  if (kind === "ServiceEntry" && scope.get<ServiceEntrySpec>(parent) === undefined) return none(`there is no ${what}`);
  const services = parentHosts(scope, said, route.namespace).flatMap(
    (host) => scope.ask(serviceFor, `${parent.namespace}|${host}`) ?? [],
  );
  if (services.length === 0) return none(`there is no ${what}`);
  if (route.type === types.UdpRoute)
    return { reason: "NotAllowedByListeners", message: "UDP inside the mesh is not routed" };
  const all = services.flatMap((service) => service.ports);
  const ports = all.filter((p) => said.port === undefined || p.number === said.port);
  if (ports.length === 0) return none(`the ${what} has no port ${said.port ?? ""}`.trimEnd());
  if (ports.some((p) => carries(route.type, p.protocol))) return undefined;
  return {
    reason: "NotAllowedByListeners",
    message: `the ${what} has no port for ${route.type.split(".")[0]}s (${listed(ports)})`,
  };
}

/** Whether a port's traffic is what a type of routes tells apart. */
function carries(type: string, protocol: Protocol): boolean {
  if (type === types.HttpRoute || type === types.GrpcRoute) return isRouted(protocol);
  if (type === types.TlsRoute) return isTls(protocol);
  return !isHttp(protocol) && protocol !== "udp";
}

function listed(ports: readonly ServicePort[]): string {
  return ports.map((p) => `${p.number} is ${p.protocol}`).join(", ");
}

function none(message: string): ParentFault {
  return { reason: "NoMatchingParent", message };
}
