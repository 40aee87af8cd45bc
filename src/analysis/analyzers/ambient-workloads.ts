import type { AuthorizationPolicySpec } from "../../gen/istio/authorization-policy.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource, Type } from "../../model/resource.ts";
import type { Labels } from "../../model/sample.ts";
import { types } from "../../model/types.ts";
import type { ServiceSpec } from "../../plan/registry/kubernetes-service.ts";
import type { Scope } from "../../track/scope.ts";
import { isAmbient, isRedirected, namespaceLabels, readsRequests, waypointOf } from "../ambient.ts";
import { type Analyzer, type Finding, forAll, forEach, kialiReport } from "../finding.ts";
import { covers, type DeploymentSpec, type PodSpec } from "../workloads.ts";

const templated: readonly Type[] = [types.Deployment, "StatefulSet.apps", "DaemonSet.apps"];

/** What a workload's Pods are, or will be. */
interface Workload {
  readonly about: Ref;
  readonly labels: Labels;
  readonly ofNamespace: Labels;
  /** Where its labels stand. */
  readonly path: FieldPath;
}

const steps = [
  ...templated.map((type) =>
    forEach<DeploymentSpec>(`ambientWorkloads/${type}`, type, (scope, about): readonly Finding[] => {
      const { metadata, spec } = about.spec.template ?? {};
      const ofNamespace = namespaceLabels(scope, about.namespace);
      const path = ["spec", "template", "metadata", "labels"];
      return ofWorkload(scope, { about, labels: metadata?.labels ?? {}, ofNamespace, path }, spec ?? {});
    }),
  ),
  forEach<PodSpec>("ambientPods", types.Pod, (scope, pod): readonly Finding[] => {
    const ofNamespace = namespaceLabels(scope, pod.namespace);
    const { labels, annotations } = pod;
    const path = ["metadata", "labels"];
    if (isRedirected(annotations) && wantsSidecar(labels, ofNamespace))
      return [kialiReport(pod, "KIA1314", `${pod.name} is captured by ztunnel`, path)];
    if (hasSidecar(pod.spec) && isAmbient(labels, ofNamespace))
      return [kialiReport(pod, "KIA1315", `${pod.name} has both`, path)];
    return [];
  }),
];

export const ambientWorkloads: Analyzer = {
  name: "ambient.WorkloadAnalyzer",
  description: "Checks that workloads have a sidecar or ambient mode, not both, and that their waypoint is there",
  inputs: [...templated, types.Pod, types.Namespace, types.KubernetesGateway, types.AuthorizationPolicy, types.Service],
  codes: ["KIA1311", "KIA1312", "KIA1313", "KIA1314", "KIA1315", "KIA1316", "KIA1317"],
  step: forAll("ambientWorkloads", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};

function ofWorkload(scope: Scope, workload: Workload, spec: PodSpec): readonly Finding[] {
  const { about, labels, ofNamespace, path } = workload;
  const ambient = isAmbient(labels, ofNamespace);
  const waypoint = waypointOf(labels, ofNamespace);
  const found: Finding[] = [];
  if (ambient && wantsSidecar(labels, ofNamespace))
    found.push(kialiReport(about, "KIA1311", "of its own or of its namespace", path));
  else if (hasSidecar(spec) && isAmbient({}, ofNamespace) && labels["istio.io/dataplane-mode"] === undefined)
    found.push(kialiReport(about, "KIA1316", `namespace ${about.namespace}`, path));
  if (waypoint !== undefined && !ambient) found.push(kialiReport(about, "KIA1312", `it is to use ${waypoint}`, path));
  if (waypoint !== undefined && !isThere(scope, workload, waypoint))
    found.push(kialiReport(about, "KIA1313", `no Gateway ${waypoint} of class istio-waypoint is there`, path));
  const unkept = ambient && waypoint === undefined ? policyFor(scope, workload) : undefined;
  if (unkept !== undefined)
    found.push(
      kialiReport(
        about,
        "KIA1317",
        `AuthorizationPolicy ${unkept.namespace}/${unkept.name} (${unkept.origin.at})`,
        path,
      ),
    );
  return found;
}

function wantsSidecar(labels: Labels, ofNamespace: Labels): boolean {
  const said = labels["sidecar.istio.io/inject"];
  if (said !== undefined) return said === "true";
  const asked = ofNamespace["istio-injection"];
  return (
    asked === "enabled" || (asked === undefined && (labels["istio.io/rev"] ?? ofNamespace["istio.io/rev"] ?? "") !== "")
  );
}

function hasSidecar(spec: PodSpec): boolean {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(({ name }) => name === "istio-proxy");
}

function isThere(scope: Scope, { about, labels, ofNamespace }: Workload, name: string): boolean {
  const key = "istio.io/use-waypoint-namespace";
  const namespace = labels[key] ?? ofNamespace[key] ?? about.namespace;
  const gateway = scope.get<{ readonly gatewayClassName?: string }>({ type: types.KubernetesGateway, namespace, name });
  return gateway?.spec.gatewayClassName === "istio-waypoint";
}

/** A policy about requests that is for the workload. */
function policyFor(scope: Scope, { about, labels }: Workload): Resource<AuthorizationPolicySpec> | undefined {
  const policies = scope.list<AuthorizationPolicySpec>(types.AuthorizationPolicy, about.namespace);
  return policies.find(({ spec }) => {
    if (!readsRequests(spec)) return false;
    const targets = [...(spec.targetRefs ?? []), ...(spec.targetRef === undefined ? [] : [spec.targetRef])];
    if (targets.length === 0) return covers(spec.selector?.matchLabels ?? {}, labels);
    return targets.some(({ kind, group = "", name }) => {
      if (kind !== "Service" || (group !== "" && group !== "core")) return false;
      const service = scope.get<ServiceSpec>({ type: types.Service, namespace: about.namespace, name });
      const selector = service?.spec.selector ?? {};
      return Object.keys(selector).length > 0 && covers(selector, labels);
    });
  });
}
