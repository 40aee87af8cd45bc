import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { workloadId } from "./ends.ts";
import type { MeshState, PodStatus, ProxyStatus } from "./state.ts";
import { readTolerances, type Tolerance, toleranceAnnotation } from "./tolerance.ts";

/** A workload with everything that runs for it. */
export interface Member {
  /** `workload/default/reviews-v1`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly version: string;
  readonly kind: "sidecar" | "gateway" | "none";
  /** Of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly desired: number;
  readonly pods: readonly PodStatus[];
  readonly proxies: readonly ProxyStatus[];
  /** What it, else its namespace, says of the errors that are to be borne; absent: the usual. */
  readonly tolerances?: readonly Tolerance[];
}

interface Draft {
  namespace: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  serviceAccount: string;
  desired: number | undefined;
  pods: PodStatus[];
  proxies: ProxyStatus[];
  tolerances: readonly Tolerance[] | undefined;
}

/** Every workload: Deployments, whatever pods run, whatever proxies are connected. Sorted by namespace and name. */
export function rosterOf(state: Pick<MeshState, "snapshot" | "pods" | "proxies">): ReadonlyMap<string, Member> {
  const ofNamespace = new Map(
    all(state.snapshot(), types.Namespace).map((ns) => [ns.name, readTolerances(ns.annotations[toleranceAnnotation])]),
  );
  const drafts = new Map<string, Draft>();
  const draft = (namespace: string, name: string): Draft => {
    const id = workloadId(namespace, name);
    let found = drafts.get(id);
    if (found === undefined) {
      const tolerances = ofNamespace.get(namespace);
      const nothing = { desired: undefined, pods: [], proxies: [], tolerances };
      found = { namespace, name, labels: {}, serviceAccount: "default", ...nothing };
      drafts.set(id, found);
    }
    return found;
  };
  for (const deployment of all(state.snapshot(), types.Deployment)) {
    const spec = deployment.spec as DeploymentSpec;
    const one = draft(deployment.namespace, deployment.name);
    one.desired = spec.replicas ?? 1;
    one.labels = spec.template?.metadata?.labels ?? {};
    one.serviceAccount = spec.template?.spec?.serviceAccountName ?? "default";
    one.tolerances = readTolerances(deployment.annotations[toleranceAnnotation]) ?? one.tolerances;
  }
  for (const pod of state.pods()) {
    const one = draft(pod.namespace, pod.workload);
    one.pods.push(pod);
    one.labels = pod.labels;
    one.serviceAccount = pod.serviceAccount;
  }
  for (const status of state.proxies()) {
    const one = draft(status.proxy.namespace, status.proxy.workload);
    one.proxies.push(status);
    one.serviceAccount = status.proxy.serviceAccount;
    if (one.pods.length === 0) one.labels = { ...one.labels, ...status.proxy.labels };
  }
  return new Map([...drafts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, one]) => [id, member(id, one)]));
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly template?: {
    readonly metadata?: { readonly labels?: Record<string, string> };
    readonly spec?: { readonly serviceAccountName?: string };
  };
}

function member(id: string, one: Draft): Member {
  const { namespace, name, labels, serviceAccount, pods, proxies } = one;
  const router = proxies.some((p) => p.proxy.kind === "router");
  return {
    id,
    namespace,
    name,
    app: labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? name,
    version:
      labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"] ?? labels["version"] ?? "",
    kind: router ? "gateway" : proxies.length > 0 ? "sidecar" : "none",
    labels,
    serviceAccount,
    desired: one.desired ?? pods.length,
    pods,
    proxies,
    ...(one.tolerances === undefined ? {} : { tolerances: one.tolerances }),
  };
}
