import type { Metadata } from "./pod.ts";

/** What a Pod belongs to. */
export interface Owner {
  /** `reviews-v1`; undefined for a Pod of its own whose name is not made yet. */
  readonly name: string | undefined;
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The workload that a Pod belongs to, as Istio names it: a ReplicaSet's Deployment, a Job's CronJob.
 * Source: GetDeployMetaFromPod of istio/istio pkg/kube/util.go.
 */
export function ownerOf(metadata: Metadata): Owner {
  const controller = metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (controller === undefined) return { name: metadata.name, apiVersion: "v1", kind: "Pod" };
  const { name, kind, apiVersion } = controller;
  const hash = metadata.labels?.["pod-template-hash"];
  if (kind === "ReplicaSet" && hash !== undefined && name.endsWith(`-${hash}`))
    return { name: name.slice(0, -hash.length - 1), apiVersion, kind: "Deployment" };
  if (kind === "ReplicaSet" && metadata.labels?.["rollouts-pod-template-hash"] !== undefined) {
    const rollout = `-${metadata.labels["rollouts-pod-template-hash"]}`;
    if (name.endsWith(rollout))
      return { name: name.slice(0, -rollout.length), apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" };
  }
  // A CronJob names its Jobs by the minute (or, long ago, the second) they are due.
  const [, cronJob] = kind === "Job" ? (/^(.+)-\d{8,10}$/.exec(name) ?? []) : [];
  if (cronJob !== undefined) return { name: cronJob, apiVersion, kind: "CronJob" };
  return { name, apiVersion, kind };
}

/** `kubernetes://apis/apps/v1/namespaces/default/deployments/reviews-v1`. */
export function ownerUri({ name, apiVersion, kind }: Owner, namespace: string): string {
  return `kubernetes://apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s/${name ?? ""}`;
}
