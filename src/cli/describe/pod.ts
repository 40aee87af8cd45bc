import { covers } from "../../analysis/workloads.ts";
import type { Resource, Type } from "../../model/resource.ts";
import { list } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { servicesIn } from "../../plan/registry/service-index.ts";
import { inboundMtls } from "../../plan/security/peer-authentication.ts";
import { selects } from "../../plan/security/selects.ts";
import type { Tracker } from "../../track/tracker.ts";
import { hasProxy, isReady, type Pod, whyNotReady } from "../kube/pod.ts";
import { type ServiceStory, serviceStory } from "./service.ts";

/** A Pod, and what of the mesh holds for it. */
export interface PodStory {
  /** `shop/reviews-v1-5b8c`. */
  readonly pod: string;
  readonly revision?: string;
  /** `proxy ready`, `no proxy`, ... */
  readonly proxy: string;
  readonly serviceAccount: string;
  readonly containerPorts: readonly { readonly port: number; readonly container: string }[];
  /** What it accepts from its callers. */
  readonly mtls: {
    readonly mode: string;
    readonly ports: Readonly<Record<string, string>>;
    /** The PeerAuthentications that say so; none: the default. */
    readonly by: readonly string[];
  };
  /** `AuthorizationPolicy shop/only-web`: what is applied to its proxy. */
  readonly policies: readonly string[];
  readonly services: readonly ServiceStory[];
  readonly warnings: readonly string[];
}

/** Kinds whose objects choose Pods: by selector or targets, in the Pod's namespace and in the root one. */
const policyTypes: readonly Type[] = [
  types.AuthorizationPolicy,
  types.RequestAuthentication,
  types.Telemetry,
  types.WasmPlugin,
  types.EnvoyFilter,
  types.Sidecar,
];

/** Gathers it from the objects of a mesh. Pure. */
export function podStory(tracker: Tracker, pod: Pod): PodStory {
  const { name, namespace = "default", labels = {} } = pod.metadata;
  const { mode, ports, origins } = tracker.ask(inboundMtls, JSON.stringify({ namespace, labels }));
  const services = tracker
    .ask(servicesIn, namespace)
    .filter(({ selector }) => selector !== undefined && Object.keys(selector).length > 0 && covers(selector, labels));
  const revision = pod.metadata.labels?.["istio.io/rev"];
  const story = {
    pod: `${namespace}/${name}`,
    ...(revision === undefined ? {} : { revision }),
    proxy: proxyState(pod),
    serviceAccount: pod.spec?.serviceAccountName ?? "default",
    containerPorts: (pod.spec?.containers ?? []).flatMap(({ name: container, ports: its = [] }) =>
      its.map((one) => ({ port: one.containerPort, container })),
    ),
    mtls: { mode, ports, by: origins },
    policies: policiesOf(tracker, namespace, labels),
    services: services.map((service) => serviceStory(tracker, service)),
  };
  return { ...story, warnings: warningsOf(pod, story, labels) };
}

function proxyState(pod: Pod): string {
  if (!hasProxy(pod)) return "no proxy";
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const its = statuses.find(({ name }) => name === "istio-proxy");
  if (its?.ready || isReady(pod)) return "proxy ready";
  return `proxy not ready (${its?.state?.waiting?.reason ?? whyNotReady(pod)})`;
}

function policiesOf(tracker: Tracker, namespace: string, labels: Readonly<Record<string, string>>): readonly string[] {
  const { rootNamespace } = tracker.ask(mesh, "");
  return policyTypes.flatMap((type) =>
    [...new Set([rootNamespace, namespace])].flatMap((where) =>
      list(tracker.snapshot, type, where)
        .filter((policy) => selects(choiceOf(policy), labels))
        .map((policy) => `${type.split(".")[0]} ${where}/${policy.name}`),
    ),
  );
}

interface Choice {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> };
}

/** EnvoyFilter and Sidecar have a selector of another shape. */
function choiceOf({ spec }: Resource): Parameters<typeof selects>[0] {
  const { workloadSelector, ...rest } = spec as Choice;
  return workloadSelector?.labels === undefined
    ? rest
    : { ...rest, selector: { matchLabels: workloadSelector.labels } };
}

function warningsOf(
  pod: Pod,
  story: Omit<PodStory, "warnings">,
  labels: Readonly<Record<string, string>>,
): readonly string[] {
  const isBare = story.proxy === "no proxy";
  return [
    ...(isBare
      ? [`it has no proxy, so the mesh does nothing for it: weft check-inject ${pod.metadata.name} says why`]
      : []),
    ...(isBare && story.mtls.mode === "STRICT"
      ? [`${story.mtls.by.join(", ")} demands mTLS, which nobody demands of it without a proxy`]
      : []),
    ...(labels["app"] === undefined && labels["app.kubernetes.io/name"] === undefined
      ? ["it has no label app: metrics name it by its Deployment"]
      : []),
    ...(labels["version"] === undefined && labels["app.kubernetes.io/version"] === undefined
      ? ["it has no label version: it is in no subset by version, and the graph shows one version"]
      : []),
    ...(story.services.length === 0 ? ["no Service selects it: others reach it by its address alone"] : []),
  ];
}
