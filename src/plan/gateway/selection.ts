import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { ingressSelector } from "../ingress/ingress.ts";
import { selectWorkloads } from "../registry/workload.ts";
import { visibleServices } from "../registry.ts";

/** A router, as far as Gateways choose it. JSON of it is the key of the steps of this room. */
export interface RouterKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Gateways that a router serves, the oldest first. Key: JSON of `RouterKey`. */
export const gatewaysFor: Step<readonly Resource<GatewaySpec>[]> = {
  name: "plan/gatewaysFor",
  run: (scope, key) => {
    const { labels } = JSON.parse(key) as RouterKey;
    return listAll<GatewaySpec>(scope, types.Gateway)
      .filter((g) => Object.entries(g.spec.selector ?? {}).every(([k, v]) => labels[k] === v))
      .sort((a, b) => a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  },
};

/** Whether a router is one of those that serve Ingresses. Key: JSON of `RouterKey`. */
export const servesIngress: Step<boolean> = {
  name: "plan/servesIngress",
  run: (scope, key) => {
    const { labels } = JSON.parse(key) as RouterKey;
    return Object.entries(ingressSelector(scope)).every(([k, v]) => labels[k] === v);
  },
};

/** Port of the router's Service → port that it listens on, as Services may map 80 to 8080. Key: JSON of `RouterKey`. */
export const listenPorts: Step<ReadonlyMap<number, number>> = {
  name: "plan/gatewayPorts",
  run: (scope: Scope, key) => {
    const { namespace, labels } = JSON.parse(key) as RouterKey;
    const own = scope.ask(visibleServices, namespace).filter((service) => {
      const pairs = Object.entries(service.selector ?? {});
      return service.namespace === namespace && pairs.length > 0 && pairs.every(([k, v]) => labels[k] === v);
    });
    // A name is a port of the router's Pods.
    const named = (name: string) => selectWorkloads(scope, namespace, labels).find((w) => w.ports[name])?.ports[name];
    return new Map(
      own.flatMap((s) =>
        s.ports.flatMap((p) => {
          const target = typeof p.targetPort === "number" ? p.targetPort : named(p.targetPort);
          return target === undefined ? [] : [[p.number, target] as const];
        }),
      ),
    );
  },
};
