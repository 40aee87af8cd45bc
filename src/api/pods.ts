import type { Resource } from "../model/resource.ts";
import { all, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { PodStatus } from "./state.ts";

/** Kubernetes' Pod status, as far as it is read here. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
interface KubePodStatus {
  readonly podIP?: string;
  readonly phase?: string;
  readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly message?: string }[];
  readonly containerStatuses?: readonly KubeContainerStatus[];
}

interface KubeContainerStatus {
  readonly name?: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: { readonly exitCode?: number; readonly reason?: string };
  };
}

const proxyContainer = "istio-proxy";

/** The pods of a snapshot whose objects carry Kubernetes' status. */
export function podsOf(snapshot: Snapshot): PodStatus[] {
  return all(snapshot, types.Pod).map((pod) => podStatus(pod, snapshot));
}

function podStatus(pod: Resource, snapshot: Snapshot): PodStatus {
  const status = (pod.status ?? {}) as KubePodStatus;
  const spec = (pod.spec ?? {}) as { serviceAccountName?: string };
  const applications = (status.containerStatuses ?? []).filter((c) => c.name !== proxyContainer);
  const ready = status.conditions?.find((c) => c.type === "Ready")?.status === "True";
  const message =
    messageOf(applications) ??
    messageOf((status.containerStatuses ?? []).filter((c) => c.name === proxyContainer)) ??
    (ready ? undefined : status.conditions?.find((c) => c.type === "Ready")?.message);
  return {
    namespace: pod.namespace,
    name: pod.name,
    workload: workloadOf(pod, snapshot),
    labels: pod.labels,
    serviceAccount: spec.serviceAccountName ?? "default",
    ...(status.podIP ? { ip: status.podIP } : {}),
    ready,
    application: onlyProxy(status) ? "none" : applicationState(applications, status.phase),
    restarts: applications.reduce((n, c) => n + (c.restartCount ?? 0), 0),
    ...(message ? { message } : {}),
  };
}

/** A gateway: no application stands behind its proxy, however far that is. */
function onlyProxy({ containerStatuses = [] }: KubePodStatus): boolean {
  return containerStatuses.length > 0 && containerStatuses.every((c) => c.name === proxyContainer);
}

function applicationState(
  containers: readonly KubeContainerStatus[],
  phase: string | undefined,
): PodStatus["application"] {
  if (
    containers.some(
      (c) => c.state?.waiting?.reason === "CrashLoopBackOff" || (c.state?.terminated?.exitCode ?? 0) !== 0,
    )
  )
    return "crashed";
  if (phase === "Failed") return "crashed";
  if (containers.length === 0) return phase === "Running" ? "none" : "starting";
  return containers.every((c) => c.state?.running !== undefined) ? "running" : "starting";
}

function messageOf(containers: readonly KubeContainerStatus[]): string | undefined {
  for (const { state } of containers) {
    if (state?.terminated) return `exited with code ${state.terminated.exitCode ?? "unknown"}`;
    if (state?.waiting?.reason && state.waiting.reason !== "ContainerCreating")
      return state.waiting.message ?? state.waiting.reason;
  }
  return undefined;
}

/** What its owner says; the Deployment whose selector takes the pod; else the pod's name without what a controller put behind it. */
function workloadOf(pod: Resource, snapshot: Snapshot): string {
  const owners = (pod.data?.["metadata"] as { ownerReferences?: { kind?: string; name?: string }[] } | undefined)
    ?.ownerReferences;
  const owner = owners?.find((o) => o.kind !== "ReplicaSet" && o.kind !== "Node")?.name;
  if (owner) return owner;
  for (const deployment of list(snapshot, types.Deployment, pod.namespace)) {
    const wanted = (deployment.spec as { selector?: { matchLabels?: Record<string, string> } }).selector?.matchLabels;
    const pairs = Object.entries(wanted ?? {});
    if (pairs.length > 0 && pairs.every(([k, v]) => pod.labels[k] === v)) return deployment.name;
  }
  const hash = pod.labels["pod-template-hash"];
  if (hash !== undefined && pod.name.includes(`-${hash}`)) return pod.name.slice(0, pod.name.indexOf(`-${hash}`));
  return pod.name.replace(/-\d+$/, "");
}
