import type { WorkloadEntrySpec } from "../gen/istio/workload-entry.ts";
import { ownerOf } from "../inject/workload.ts";
import type { AccessDestination } from "../model/access.ts";
import type { Proxy } from "../model/proxy.ts";
import type { Resource } from "../model/resource.ts";
import { get, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";

/** Labels that tell Pods of one workload apart, or its generations. */
const ofOnePod =
  /^(pod-template-hash|controller-revision-hash|security\.istio\.io\/tlsMode|statefulset\.kubernetes\.io\/.*|apps\.kubernetes\.io\/.*)$/;

/**
 * Whose requests a proxy may tell of. Its identity is that of a ServiceAccount, which is not of one workload alone: workload and labels are those
 * of its Pod or WorkloadEntry, which must be of that account. What a proxy says of itself counts only where the mesh was told of no Pod of its
 * namespace at all (`weft serve`). Undefined: nobody vouches for it.
 */
export function tellerOf(snapshot: Snapshot, proxy: Proxy): AccessDestination | undefined {
  const { namespace, name, serviceAccount } = proxy;
  const pod = get(snapshot, { type: types.Pod, namespace, name });
  if (pod !== undefined) return accountOf(pod) === serviceAccount ? ofPod(pod) : undefined;
  if (list(snapshot, types.Pod, namespace).length === 0) return destination(namespace, proxy.workload, proxy.labels);
  const entry = list(snapshot, types.WorkloadEntry, namespace).find((one) => isOf(one, proxy));
  return entry && destination(namespace, entry.name, labelsOf(entry));
}

function accountOf({ spec }: Resource): string {
  return (spec as { readonly serviceAccountName?: string }).serviceAccountName ?? "default";
}

function ofPod({ namespace, name, labels, data }: Resource): AccessDestination {
  const metadata = data?.["metadata"] as Parameters<typeof ownerOf>[0] | undefined;
  return destination(namespace, ownerOf({ ...metadata, name, labels }).name ?? name, labels);
}

function isOf(entry: Resource, { serviceAccount, labels }: Proxy): boolean {
  const known = labelsOf(entry);
  const fits = Object.entries(labels).every(([key, value]) => known[key] === value);
  return fits && (entry.spec as WorkloadEntrySpec).serviceAccount === serviceAccount;
}

function labelsOf({ spec, labels }: Resource): Readonly<Record<string, string>> {
  return { ...labels, ...(spec as WorkloadEntrySpec).labels };
}

function destination(namespace: string, workload: string, labels: Readonly<Record<string, string>>): AccessDestination {
  const { app } = labels;
  const chosen =
    app === undefined ? Object.entries(labels).filter(([key]) => !ofOnePod.test(key)) : [["app", app] as const];
  return { namespace, workload, labels: Object.fromEntries(chosen) };
}
