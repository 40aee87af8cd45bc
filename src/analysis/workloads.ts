import type { Resource } from "../model/resource.ts";
import type { Labels } from "../model/sample.ts";
import { types } from "../model/types.ts";
import { listAll, type Scope, type Step } from "../track/scope.ts";

/** The parts of a container that analysers read. */
export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  readonly securityContext?: { readonly runAsUser?: number };
}

/** The parts of core/v1 PodSpec that analysers read. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: { readonly runAsUser?: number };
}

/** The parts of apps/v1 Deployment (and its like) that analysers read. */
export interface DeploymentSpec {
  readonly template?: {
    readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
    readonly spec?: PodSpec;
  };
}

/** Something that runs, or that will: a Pod, or the Pod that a Deployment's template describes. */
export interface PodLike {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: PodSpec;
}

const templated = [types.Deployment, "StatefulSet.apps", "DaemonSet.apps"] as const;

/** Pods, and one for each Deployment, StatefulSet and DaemonSet: files describe those. Key: none. */
export const podLikes: Step<readonly PodLike[]> = {
  name: "analysis/podLikes",
  run: (scope) => [
    ...scope.ask(pods, ""),
    ...templated.flatMap((type) => listAll<DeploymentSpec>(scope, type).map(ofTemplate)),
  ],
};

/** The same of one namespace, so that who looks at one does not depend on all. Key: the namespace. */
export const podLikesIn: Step<readonly PodLike[]> = {
  name: "analysis/podLikesIn",
  run: (scope, namespace) => [
    ...scope.list<PodSpec>(types.Pod, namespace).map(podLike),
    ...templated.flatMap((type) => scope.list<DeploymentSpec>(type, namespace).map(ofTemplate)),
  ],
};

/** Pods only. Key: none. */
export const pods: Step<readonly PodLike[]> = {
  name: "analysis/pods",
  run: (scope) => listAll<PodSpec>(scope, types.Pod).map(podLike),
};

function podLike({ namespace, name, labels, annotations, spec }: Resource<PodSpec>): PodLike {
  return { namespace, name, labels, annotations, spec };
}

function ofTemplate({ namespace, name, spec }: Resource<DeploymentSpec>): PodLike {
  return {
    namespace,
    name,
    labels: spec.template?.metadata?.labels ?? {},
    annotations: spec.template?.metadata?.annotations ?? {},
    spec: spec.template?.spec ?? {},
  };
}

/** Whether all labels of a selector are there. An empty selector covers everything. */
export function covers(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** `app=istio-ingressgateway,istio=ingressgateway`: as Kubernetes writes a selector. */
export function selectorText(selector: Labels): string {
  return Object.entries(selector)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** The first key of that text, whose line istioctl names. */
export function firstKey(selector: Labels): string | undefined {
  return Object.keys(selector).sort()[0];
}

const proxyName = "istio-proxy";

/** Whether a Pod has a sidecar, or will have one by its labels, its annotations or its namespace's label. */
export function inMesh(scope: Scope, pod: PodLike): boolean {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  if (containers.some((c) => c.name === proxyName && (c.image ?? "") !== "")) return true;
  const said = pod.labels["sidecar.istio.io/inject"] ?? pod.annotations["sidecar.istio.io/inject"];
  if (said !== undefined) return said === "true";
  const namespace = scope.get({ type: types.Namespace, namespace: "", name: pod.namespace });
  return namespace?.labels["istio-injection"] === "enabled";
}

/** Namespaces of Kubernetes itself, which no analyser looks at. */
export function isSystemNamespace(namespace: string): boolean {
  return ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"].includes(namespace);
}

/** Whether an object is a part of Istio's own control plane. */
export function isControlPlane(labels: Labels): boolean {
  return labels["istio"] !== undefined && (labels["istio"] !== "" || labels["release"] === "istio");
}
