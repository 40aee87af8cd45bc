import type { WorkloadEntrySpec } from "../../gen/istio/workload-entry.ts";
import type { Proxy } from "../../model/proxy.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import type { PodSpec } from "../registry/workload.ts";

type Labels = Readonly<Record<string, string>>;

/** A proxy as it says of itself, with its verified ServiceAccount. */
export type Claimant = Pick<Proxy, "namespace" | "name" | "labels" | "serviceAccount">;

/**
 * Labels that a proxy has for sure: those of its Pod, which must be of its ServiceAccount, or of a WorkloadEntry. What a proxy says of itself
 * counts only where the mesh was told of no Pod of its namespace at all (`weft serve`). Undefined: nobody vouches for any.
 */
export function vouchedLabels(scope: Scope, { namespace, name, labels, serviceAccount }: Claimant): Labels | undefined {
  const pod = scope.get<PodSpec>({ type: types.Pod, namespace, name });
  if (pod !== undefined) return (pod.spec.serviceAccountName ?? "default") === serviceAccount ? pod.labels : undefined;
  if (scope.names(types.Pod, namespace).length === 0) return labels;
  const machine = scope.list<WorkloadEntrySpec>(types.WorkloadEntry, namespace).some(({ spec, labels: own }) => {
    const known: Labels = { ...own, ...spec.labels };
    const fits = Object.entries(labels).every(([key, value]) => known[key] === value);
    return fits && spec.serviceAccount === serviceAccount;
  });
  return machine ? labels : undefined;
}
