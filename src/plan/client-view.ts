import type { DestinationRuleSpec } from "../gen/istio/destination-rule.ts";
import type { Proxy as MeshProxy } from "../model/proxy.ts";
import { types } from "../model/types.ts";
import type { Scope, Step } from "../track/scope.ts";
import { backendClientCertificate } from "./gateway-api/backend-tls.ts";
import { virtualServiceMentions } from "./route/mentions.ts";
import { virtualServiceEntries } from "./route/selection.ts";
import { sidecarOf } from "./sidecar/selection.ts";
import type { View } from "./view.ts";

/** Label names by which DestinationRules of a namespace choose client workloads. Key: namespace. */
const ruleLabelsIn: Step<readonly string[]> = {
  name: "plan/clientLabelsOfRules",
  run: (scope, namespace) => {
    const rules = scope.list<DestinationRuleSpec>(types.DestinationRule, namespace);
    return distinct(rules.flatMap(({ spec }) => Object.keys(spec.workloadSelector?.matchLabels ?? {})));
  },
};

/** Label names by which VirtualServices choose client workloads. Key: none. */
const routeLabels: Step<readonly string[]> = {
  name: "plan/clientLabelsOfRoutes",
  run: (scope) =>
    distinct(
      scope.ask(virtualServiceEntries, "").flatMap((entry) => {
        const { labels } = scope.ask(virtualServiceMentions, entry.key).source;
        return labels.map(([name]) => name);
      }),
    ),
};

/** Label names by which some object of the mesh chooses client workloads. Key: none. */
const mentioned: Step<readonly string[]> = {
  name: "plan/clientLabels",
  run: (scope) =>
    distinct([
      ...scope.ask(routeLabels, ""),
      ...scope.namespaces(types.DestinationRule).flatMap((namespace) => scope.ask(ruleLabelsIn, namespace)),
    ]),
};

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** What a proxy's outbound configuration may depend on. */
export function viewOf(scope: Scope, proxy: Pick<MeshProxy, "kind" | "namespace" | "labels">): View {
  const labels = scope.ask(mentioned, "").flatMap((name) => {
    const value = proxy.labels[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const sidecar = proxy.kind === "sidecar" ? sidecarOf(scope, proxy) : undefined;
  const view = { kind: proxy.kind, namespace: proxy.namespace, labels: Object.fromEntries(labels) };
  const router = JSON.stringify({ namespace: proxy.namespace, labels: proxy.labels });
  const shown = proxy.kind === "router" ? scope.ask(backendClientCertificate, router) : undefined;
  return {
    ...view,
    ...(sidecar === undefined ? {} : { sidecar }),
    ...(shown === undefined ? {} : { clientCertificate: shown }),
  };
}
