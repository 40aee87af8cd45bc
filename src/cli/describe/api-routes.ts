import { formatRef, kindOf } from "../../model/resource.ts";
import { all } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Service } from "../../plan/service.ts";
import type { Tracker } from "../../track/tracker.ts";

interface RouteSpec {
  readonly parentRefs?: readonly { readonly kind?: string; readonly namespace?: string; readonly name: string }[];
  readonly rules?: readonly {
    readonly backendRefs?: readonly { readonly kind?: string; readonly namespace?: string; readonly name: string }[];
  }[];
}

const routeTypes = [types.HttpRoute, types.GrpcRoute, types.TlsRoute, types.TcpRoute, types.UdpRoute];

/** Gateway API's routes that lead to a Service or are attached to it: `HTTPRoute shop/reviews (Gateway infra/public)`. */
export function apiRoutes(tracker: Tracker, { namespace, name }: Service): readonly string[] {
  return routeTypes
    .flatMap((type) => all(tracker.snapshot, type))
    .filter(({ spec, namespace: own }) => {
      const { rules = [], parentRefs = [] } = spec as RouteSpec;
      const isIt = (ref: { kind?: string; namespace?: string; name: string }, kind: string) =>
        (ref.kind ?? kind) === "Service" && ref.name === name && (ref.namespace ?? own) === namespace;
      return (
        rules.some(({ backendRefs = [] }) => backendRefs.some((ref) => isIt(ref, "Service"))) ||
        parentRefs.some((ref) => isIt(ref, "Gateway"))
      );
    })
    .map((route) => {
      const { parentRefs = [] } = route.spec as RouteSpec;
      const parents = parentRefs.map((p) => `${p.kind ?? "Gateway"} ${p.namespace ?? route.namespace}/${p.name}`);
      return `${formatRef({ ...route, type: kindOf(route.type) })} (${parents.join(", ") || "no parent"})`;
    });
}
