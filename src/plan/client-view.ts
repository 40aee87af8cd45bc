import type { DestinationRuleSpec } from "../gen/istio/destination-rule.ts";
import type { VirtualServiceSpec } from "../gen/istio/virtual-service.ts";
import type { Proxy } from "../model/proxy.ts";
import { types } from "../model/types.ts";
import type { Scope, Step } from "../track/scope.ts";
import type { View } from "./view.ts";

/** Label names by which some object of a namespace chooses client workloads. Key: `type|namespace`. */
const mentionedIn: Step<readonly string[]> = {
  name: "plan/clientLabelsIn",
  run: (scope, key) => {
    const [type, namespace] = key.split("|") as [string, string];
    const names = new Set<string>();
    const note = (labels: Readonly<Record<string, string>> | undefined) => {
      for (const name of Object.keys(labels ?? {})) names.add(name);
    };
    if (type === types.DestinationRule) {
      for (const rule of scope.list<DestinationRuleSpec>(type, namespace))
        note(rule.spec.workloadSelector?.matchLabels);
    } else {
      for (const { spec } of scope.list<VirtualServiceSpec>(type, namespace)) {
        for (const route of [...(spec.http ?? []), ...(spec.tcp ?? []), ...(spec.tls ?? [])])
          for (const m of route.match ?? []) note(m.sourceLabels);
      }
    }
    return [...names].sort();
  },
};

/** Label names by which some object of the mesh chooses client workloads. Key: none. */
const mentioned: Step<readonly string[]> = {
  name: "plan/clientLabels",
  run: (scope) => {
    const names = [types.VirtualService, types.DestinationRule].flatMap((type) =>
      scope.namespaces(type).flatMap((namespace) => scope.ask(mentionedIn, `${type}|${namespace}`)),
    );
    return [...new Set(names)].sort();
  },
};

/** What a proxy's outbound configuration may depend on. */
export function viewOf(scope: Scope, proxy: Pick<Proxy, "kind" | "namespace" | "labels">): View {
  const labels = scope.ask(mentioned, "").flatMap((name) => {
    const value = proxy.labels[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { kind: proxy.kind, namespace: proxy.namespace, labels: Object.fromEntries(labels) };
}
