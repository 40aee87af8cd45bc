import type { WorkloadGroupSpec } from "../../gen/istio/workload-group.ts";
import { formatRef } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { closest } from "../../std/closest.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { podLikesIn, selectorText } from "../workloads.ts";

export const workloadGroups: Analyzer = {
  name: "workloadgroup.Analyzer",
  description: "Checks that ServiceAccounts of WorkloadGroups are there, and that their labels tell them apart",
  inputs: [types.WorkloadGroup, types.ServiceAccount, types.Pod],
  codes: ["KIA1701", "KIA1702"],
  step: forEach<WorkloadGroupSpec>("workloadGroups", types.WorkloadGroup, (scope, group) => {
    const { namespace } = group;
    const found: Finding[] = [];
    const account = group.spec.template?.serviceAccount ?? "";
    const pods = scope.ask(podLikesIn, namespace);
    const used = pods.map((pod) => pod.spec.serviceAccountName ?? "default");
    const known = ["default", ...scope.names(types.ServiceAccount, namespace), ...used];
    if (account !== "" && !known.includes(account)) {
      const meant = closest(account, known);
      const fix = meant === undefined ? "check the name, or add the ServiceAccount" : `did you mean "${meant}"?`;
      const path = ["spec", "template", "serviceAccount"];
      found.push(kialiReport(group, "KIA1701", `"${account}" of namespace ${namespace}`, path, fix));
    }
    const labels = selectorText(group.spec.metadata?.labels ?? {});
    if (labels === "") return found;
    const alike = scope
      .list<WorkloadGroupSpec>(types.WorkloadGroup, namespace)
      .filter((other) => other.name !== group.name && selectorText(other.spec.metadata?.labels ?? {}) === labels);
    if (alike.length > 0) {
      const others = alike.map((other) => `${formatRef(other)} (${other.origin.at})`).join(" and ");
      const fix = "add a label by which they differ";
      found.push(kialiReport(group, "KIA1702", `${labels}, of ${others}, too`, ["spec", "metadata", "labels"], fix));
    }
    return found;
  }),
};
