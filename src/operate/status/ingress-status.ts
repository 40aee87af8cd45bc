import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { ingressSelector, servedIngresses } from "../../plan/ingress/ingress.ts";
import { listAll, type Step } from "../../track/scope.ts";
import type { Json } from "./merge.ts";

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly externalIPs?: readonly string[];
}

interface Point {
  readonly ip?: string;
  readonly hostname?: string;
}

/** Where Ingresses can be reached: what load balancers gave the Services of the routers that serve them. Key: none. */
const ingressPoints: Step<readonly Point[]> = {
  name: "operate/ingressPoints",
  run: (scope) => {
    const wanted = Object.entries(ingressSelector(scope));
    const services = listAll<ServiceSpec>(scope, types.Service).filter(({ spec }) =>
      wanted.every(([key, value]) => spec.selector?.[key] === value),
    );
    const points = services.flatMap((service) => [
      ...balanced(service),
      ...(service.spec.externalIPs ?? []).map((ip) => ({ ip })),
    ]);
    return [...new Map(points.map((point) => [JSON.stringify(point), point])).values()];
  },
};

function balanced({ status }: Resource): readonly Point[] {
  const found = status as { readonly loadBalancer?: { readonly ingress?: readonly Point[] } } | undefined;
  return (found?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ({
    ...(ip === undefined ? {} : { ip }),
    ...(hostname === undefined ? {} : { hostname }),
  }));
}

/** Status of the Ingresses that the mesh serves, by `namespace/name`. Key: none. */
export const ingressStatuses: Step<ReadonlyMap<string, Json>> = {
  name: "operate/ingressStatuses",
  run: (scope) => {
    const ingress = scope.ask(ingressPoints, "");
    const status = { loadBalancer: ingress.length === 0 ? {} : { ingress } };
    return new Map(scope.ask(servedIngresses, "").map(({ namespace, name }) => [`${namespace}/${name}`, status]));
  },
};
