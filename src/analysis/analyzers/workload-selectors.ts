import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { type Analyzer, forAll, forEach, kialiReport } from "../finding.ts";
import { covers, podLikes, podLikesIn, selectorText } from "../workloads.ts";

interface Selecting {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

const selecting = [
  ...[types.PeerAuthentication, types.RequestAuthentication, types.WasmPlugin],
  ...[types.TrafficExtension, types.ProxyConfig],
];

const steps = selecting.map((type) =>
  forEach<Selecting>(`workloadSelectors/${type}`, type, (scope, about) => {
    const labels = about.spec.selector?.matchLabels ?? {};
    if (Object.keys(labels).length === 0) return [];
    // A PeerAuthentication of the root namespace with a selector is for workloads of that namespace alone.
    const isWide = about.namespace === scope.ask(mesh, "").rootNamespace && type !== types.PeerAuthentication;
    const pods = isWide ? scope.ask(podLikes, "") : scope.ask(podLikesIn, about.namespace);
    const chosen = pods.some((pod) => covers(labels, pod.labels));
    const entries = isWide ? scope.namespaces(types.WorkloadEntry) : [about.namespace];
    const joined = entries.some((namespace) =>
      scope
        .list<{ readonly labels?: Readonly<Record<string, string>> }>(types.WorkloadEntry, namespace)
        .some((entry) => covers(labels, { ...entry.labels, ...entry.spec.labels })),
    );
    if (chosen || joined) return [];
    const where = isWide ? "the mesh" : `namespace ${about.namespace}`;
    const detail = `no workload of ${where} has the labels ${selectorText(labels)}`;
    return [
      kialiReport(about, "KIA0004", detail, ["spec", "selector", "matchLabels"], "compare them with those of Pods"),
    ];
  }),
);

/** Policies that select no workload; those of other kinds are told by analysers of Istio's. */
export const workloadSelectors: Analyzer = {
  name: "policy.SelectorAnalyzer",
  description: "Checks that policies with a selector are for some workload",
  inputs: [...selecting, types.Pod, types.Deployment, types.WorkloadEntry],
  codes: ["KIA0004"],
  step: forAll("workloadSelectors", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};
