import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, nameField, report } from "../finding.ts";
import { isSystemNamespace, type PodSpec } from "../workloads.ts";

const injection = "istio-injection";
const revision = "istio.io/rev";
const dataplane = "istio.io/dataplane-mode";

const namespaces = forEach("injectedNamespaces", types.Namespace, (scope, namespace) =>
  checkNamespace(scope, namespace),
);
const pods = forEach<PodSpec>("injectedPods", types.Pod, (scope, pod) => checkPod(scope, pod));

export const injected: Analyzer = {
  name: "injection.Analyzer",
  description: "Checks conditions related to Istio sidecar injection",
  inputs: [types.Namespace, types.Pod, types.ConfigMap],
  codes: ["IST0102", "IST0103", "IST0123", "IST0148"],
  step: {
    name: "analysis/injection",
    run: (scope) => [...scope.ask(namespaces, ""), ...scope.ask(pods, "")],
  },
};

function checkNamespace(scope: Scope, namespace: Resource): Finding[] {
  const { name, labels } = namespace;
  if (name === "istio-system" || isSystemNamespace(name)) return [];
  const several = labelsOf(labels);
  if (several.length > 1) {
    const fix = `keep one of ${several.join(", ")}`;
    return [report(namespace, "IST0123", [several], { path: ["metadata", "labels"], fix })];
  }
  const said = labels[injection] !== undefined && labels[injection] !== "";
  if (said || labels[revision] !== undefined || labels[dataplane] !== undefined) return [];
  if (injectsByDefault(scope)) return [report(namespace, "IST0148", [])];
  // In a mesh on this machine every workload has its proxy; where there are Pods, they show it.
  if (scope.list<PodSpec>(types.Pod, name).some(isInjected)) return [];
  const fix = `add the label ${injection}: enabled, or disabled`;
  return [report(namespace, "IST0102", [name, name], { path: ["metadata"], line: nameField, fix })];
}

/** The labels that ask for a proxy, each in its own way; a namespace that opts out asks for none. */
function labelsOf(labels: Resource["labels"]): string[] {
  const asked = [
    labels[injection] === "enabled" ? `${injection}=enabled` : undefined,
    labels[revision] ? `${revision}=${labels[revision]}` : undefined,
    labels[dataplane] === "ambient" ? `${dataplane}=ambient` : undefined,
  ];
  return asked.filter((text) => text !== undefined);
}

/** What Istio's own injector was told, in the ConfigMap that it reads. */
function injectsByDefault(scope: Scope): boolean {
  const config = scope.get({ type: types.ConfigMap, namespace: "istio-system", name: "istio-sidecar-injector" });
  const values = (config?.data?.["data"] as Readonly<Record<string, unknown>> | undefined)?.["values"];
  if (typeof values !== "string") return false;
  try {
    const parsed = JSON.parse(values) as { sidecarInjectorWebhook?: { enableNamespacesByDefault?: unknown } } | null;
    return parsed?.sidecarInjectorWebhook?.enableNamespacesByDefault === true;
  } catch {
    return false;
  }
}

function checkPod(scope: Scope, pod: Resource<PodSpec>): Finding[] {
  const namespace = scope.get({ type: types.Namespace, namespace: "", name: pod.namespace });
  if (namespace === undefined || !wantsSidecars(scope, namespace)) return [];
  const said = pod.labels["sidecar.istio.io/inject"] ?? pod.annotations["sidecar.istio.io/inject"];
  if (said?.toLowerCase() === "false" || pod.spec.hostNetwork || isInjected(pod)) return [];
  return [report(pod, "IST0103", [{ nameOf: pod }], { fix: "start it again, so that it is injected" })];
}

function wantsSidecars(scope: Scope, namespace: Resource): boolean {
  if (isSystemNamespace(namespace.name) || namespace.name === "istio-system") return false;
  const { labels } = namespace;
  if (labelsOf(labels).length > 1) return false;
  if (labels[revision] !== undefined) return true;
  return labels[injection] === "enabled" || (labels[injection] === undefined && injectsByDefault(scope));
}

function isInjected(pod: Resource<PodSpec>): boolean {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  return containers.some((c) => c.name === "istio-proxy");
}
