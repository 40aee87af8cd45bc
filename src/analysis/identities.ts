import type { WorkloadEntrySpec } from "../gen/istio/workload-entry.ts";
import type { WorkloadGroupSpec } from "../gen/istio/workload-group.ts";
import { types } from "../model/types.ts";
import { listAll, type Step } from "../track/scope.ts";
import { podLikes } from "./workloads.ts";

/** ServiceAccounts as `namespace/name`: those that are declared, and those that workloads run as. Key: none. */
export const knownAccounts: Step<ReadonlySet<string>> = {
  name: "analysis/knownAccounts",
  run: (scope) => {
    const declared = listAll(scope, types.ServiceAccount).map(({ namespace, name }) => `${namespace}/${name}`);
    const ofPods = scope
      .ask(podLikes, "")
      .map(({ namespace, spec }) => `${namespace}/${spec.serviceAccountName ?? "default"}`);
    const ofEntries = listAll<WorkloadEntrySpec>(scope, types.WorkloadEntry).map(
      ({ namespace, spec }) => `${namespace}/${spec.serviceAccount ?? "default"}`,
    );
    const ofGroups = listAll<WorkloadGroupSpec>(scope, types.WorkloadGroup).map(
      ({ namespace, spec }) => `${namespace}/${spec.template?.serviceAccount ?? "default"}`,
    );
    return new Set([...declared, ...ofPods, ...ofEntries, ...ofGroups]);
  },
};
