import type { WorkloadEntrySpec } from "../../gen/istio/workload-entry.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import type { WorkloadName } from "../endpoint.ts";

/** The parts of core/v1 Pod that the mesh reads. */
export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly readinessGates?: readonly unknown[];
  readonly containers?: readonly {
    readonly name?: string;
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  }[];
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** One running instance: a Pod, or a WorkloadEntry for a machine outside. */
export interface Workload {
  readonly kind: "Pod" | "WorkloadEntry";
  readonly address: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: string;
  readonly network: string;
  readonly weight: number;
  readonly ready: boolean;
  /** Not ready because its node is silent: its kubelet's last word was that it is. */
  readonly unheard: boolean;
  readonly mtls: boolean;
  /** Port name → number: container ports of a Pod, `ports` of a WorkloadEntry. */
  readonly ports: Readonly<Record<string, number>>;
  readonly name: WorkloadName;
  readonly at: string;
}

const none: readonly Workload[] = Object.freeze([]);

/** Workloads of a namespace: Pods that have an address and WorkloadEntries. Key: namespace. */
export const workloadsIn: Step<readonly Workload[]> = {
  name: "plan/workloadsIn",
  run: (scope, namespace) => [
    ...scope.list<PodSpec>(types.Pod, namespace).flatMap((pod) => podWorkload(scope, pod) ?? []),
    ...scope.list<WorkloadEntrySpec>(types.WorkloadEntry, namespace).map(entryWorkload),
  ],
};

/** A Pod that has an address. Key: `namespace/name`. */
export const workloadOfPod: Step<Workload | undefined> = {
  name: "plan/workloadOfPod",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const pod = scope.get<PodSpec>({ type: types.Pod, namespace: key.slice(0, slash), name: key.slice(slash + 1) });
    return pod && podWorkload(scope, pod);
  },
};

const labelIndex: Step<ReadonlyMap<string, readonly Workload[]>> = {
  name: "plan/workloadLabelIndex",
  run: (scope, namespace) => {
    const index = new Map<string, Workload[]>();
    for (const workload of scope.ask(workloadsIn, namespace)) {
      for (const [key, value] of Object.entries(workload.labels)) {
        const pair = `${key}=${value}`;
        const found = index.get(pair);
        if (found === undefined) index.set(pair, [workload]);
        else found.push(workload);
      }
    }
    return index;
  },
};

/** Key: `namespace|label=value`. A step of its own, so that a workload that comes concerns only those who select by its labels. */
const withLabel: Step<readonly Workload[]> = {
  name: "plan/workloadsWithLabel",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    return scope.ask(labelIndex, key.slice(0, bar)).get(key.slice(bar + 1)) ?? none;
  },
};

/** Workloads of a namespace that a selector (all of its labels) covers. */
export function selectWorkloads(
  scope: Scope,
  namespace: string,
  selector: Readonly<Record<string, string>>,
): readonly Workload[] {
  const [first, ...rest] = Object.entries(selector);
  if (first === undefined) return scope.ask(workloadsIn, namespace);
  const candidates = scope.ask(withLabel, `${namespace}|${first[0]}=${first[1]}`);
  return rest.length === 0 ? candidates : candidates.filter((w) => rest.every(([k, v]) => w.labels[k] === v));
}

/** Address → workload. Key: none. */
export const workloadByAddress: Step<ReadonlyMap<string, Workload>> = {
  name: "plan/workloadByAddress",
  run: (scope) => {
    const namespaces = new Set([...scope.namespaces(types.Pod), ...scope.namespaces(types.WorkloadEntry)]);
    return new Map(
      [...namespaces]
        .sort()
        .flatMap((ns) => scope.ask(workloadsIn, ns).flatMap((w) => w.addresses.map((ip) => [ip, w] as const))),
    );
  },
};

const nodeLocalities: Step<ReadonlyMap<string, string>> = {
  name: "plan/nodeLocalities",
  run: (scope) =>
    new Map(
      listAll(scope, types.Node).map((node) => {
        const zone = node.labels["topology.kubernetes.io/zone"];
        const region = node.labels["topology.kubernetes.io/region"] ?? "";
        const subzone = node.labels["topology.istio.io/subzone"];
        return [node.name, [region, ...(zone ? [zone] : []), ...(zone && subzone ? [subzone] : [])].join("/")];
      }),
    ),
};

/** `region/zone/subzone` of a Node by its labels; empty where it is not known. Key: its name. */
export const nodeLocality: Step<string> = {
  name: "plan/nodeLocality",
  run: (scope, name) => scope.ask(nodeLocalities, "").get(name) ?? "",
};

function podWorkload(scope: Scope, pod: Resource<PodSpec>): Workload | undefined {
  const status = (pod.status ?? {}) as PodStatus;
  if (status.podIP === undefined || status.podIP === "" || status.phase === "Succeeded" || status.phase === "Failed")
    return undefined;
  const ready = conditionOf(status, "Ready");
  const own = pod.labels["istio-locality"]?.replaceAll(".", "/");
  const ports = (pod.spec.containers ?? []).flatMap((c) => c.ports ?? []);
  return {
    kind: "Pod",
    address: status.podIP,
    addresses: status.podIPs?.map((p) => p.ip) ?? [status.podIP],
    labels: pod.labels,
    locality: own ?? (pod.spec.nodeName === undefined ? "" : scope.ask(nodeLocality, pod.spec.nodeName)),
    network: pod.labels["topology.istio.io/network"] ?? "",
    weight: 1,
    ready: (ready === undefined || ready === "True") && !isEnding(pod),
    unheard: ready === "False" && isUnheard(pod, status) && !isEnding(pod),
    mtls: pod.labels["security.istio.io/tlsMode"] === "istio",
    ports: Object.fromEntries(ports.flatMap((p) => (p.name === undefined ? [] : [[p.name, p.containerPort]]))),
    name: workloadName(pod, pod.spec.serviceAccountName ?? "default", podOwner(pod)),
    at: pod.origin.at,
  };
}

function conditionOf({ conditions }: PodStatus, type: string): string | undefined {
  return conditions?.find((c) => c.type === type)?.status;
}

/**
 * A kubelet turns `Ready` and `ContainersReady` together, but for readiness gates. Kubernetes' node lifecycle controller turns `Ready` alone, of all Pods of
 * a node that it has not heard of: also of those that run, where an API server was away and the controller is back sooner than the kubelet.
 */
function isUnheard({ spec }: Resource<PodSpec>, status: PodStatus): boolean {
  return conditionOf(status, "ContainersReady") === "True" && (spec.readinessGates ?? []).length === 0;
}

/** A Pod that is going is not called any more, though it may still be ready. */
function isEnding({ data }: Resource): boolean {
  return (data?.["metadata"] as { readonly deletionTimestamp?: unknown } | undefined)?.deletionTimestamp !== undefined;
}

function entryWorkload(entry: Resource<WorkloadEntrySpec>): Workload {
  const { spec } = entry;
  const labels = { ...entry.labels, ...spec.labels };
  const condition = (
    entry.status as { conditions?: readonly { type: string; status: string }[] } | undefined
  )?.conditions?.find((c) => c.type === "Healthy");
  const address = spec.address ?? "";
  return {
    kind: "WorkloadEntry",
    address,
    addresses: address === "" ? [] : [address],
    labels,
    locality: spec.locality ?? "",
    network: spec.network ?? "",
    weight: spec.weight ?? 1,
    ready: condition?.status !== "False",
    unheard: false,
    mtls: labels["security.istio.io/tlsMode"] === "istio" || (spec.serviceAccount ?? "") !== "",
    ports: spec.ports ?? {},
    name: workloadName(
      { ...entry, labels },
      spec.serviceAccount ?? "default",
      labels["service.istio.io/workload-name"] ?? entry.name,
    ),
    at: entry.origin.at,
  };
}

/** What telemetry calls the workload of an object with these labels. Source: Istio's canonical service labels. */
export function workloadName(
  object: Pick<Resource, "namespace" | "name" | "labels">,
  serviceAccount: string,
  owner: string,
): WorkloadName {
  const { labels } = object;
  return {
    name: owner,
    namespace: object.namespace,
    serviceAccount,
    app: labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? owner,
    version:
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      labels["version"] ??
      "latest",
    kubeCluster: labels["topology.istio.io/cluster"] ?? "Kubernetes",
    instance: object.name,
  };
}

/** `reviews-v1` for the Pod `reviews-v1-6d5f8c9b7-x2x4z` of a Deployment, or `reviews-v1-0` of a StatefulSet. */
export function podOwner(pod: Pick<Resource, "name" | "labels">): string {
  const said = pod.labels["service.istio.io/workload-name"];
  if (said !== undefined) return said;
  const hash = pod.labels["pod-template-hash"];
  const cut = hash === undefined ? -1 : pod.name.lastIndexOf(`-${hash}-`);
  if (cut > 0) return pod.name.slice(0, cut);
  return pod.labels["apps.kubernetes.io/pod-index"] === undefined ? pod.name : pod.name.replace(/-\d+$/, "");
}
