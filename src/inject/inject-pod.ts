import { proxySettings } from "../agent/proxy-settings.ts";
import { judgeAnnotations } from "./annotations.ts";
import { type InjectContext, isCaptured, type Job } from "./context.ts";
import { credentialAnnotations, credentialVolume } from "./credentials.ts";
import { decide } from "./decide.ts";
import { leavingSlowly } from "./drains.ts";
import { initContainerOf } from "./init-container.ts";
import { mergeContainer } from "./merge.ts";
import { applications, canonicalLabels } from "./node.ts";
import {
  type Container,
  containerNamed,
  initContainer,
  type Metadata,
  type Named,
  type Pod,
  type PodSpec,
  proxyContainer,
} from "./pod.ts";
import { type Rewritten, rewriteProbes } from "./probes.ts";
import { overrideVolume, proxyContainerOf } from "./proxy-container.ts";
import { scrapesOf } from "./scrapes.ts";
import { type Owner, ownerOf } from "./workload.ts";

/** A Pod after injection, or what else became of it. Sentences are about the Pod. */
export type Injected =
  | { readonly pod: Pod; readonly warnings: readonly string[] }
  | { readonly left: string }
  | { readonly refused: string };

export interface InjectRequest {
  /** Of the Pod; that of the request where it is not made yet. */
  readonly namespace: string;
  /** What it belongs to, where its owner references do not say it yet. */
  readonly owner?: Owner;
  /** Nobody else shall be able to guess it: random, or made of what is as little known. */
  readonly drainKey: string;
}

/** Adds the proxy to a Pod. Pure; the Pod is left as it is. */
export function injectPod(pod: Pod, request: InjectRequest, context: InjectContext): Injected {
  const { namespace } = request;
  const decision = decide(pod, { ...context, namespace });
  if (!("inject" in decision)) return decision;
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const { errors, warnings } = judgeAnnotations(annotations);
  if (errors.length > 0) return { refused: errors.join("; ") };
  const scrapes = scrapesOf(annotations, context.snapshot);
  if (scrapes !== undefined && "fault" in scrapes) return { refused: scrapes.fault };
  const counted = { ...trafficOf(context), ...annotations };
  const { probes, spec: asked } = probesOf(pod, decision.inject, counted, context);
  const job: Job = {
    pod: { ...pod, spec: asked },
    ...{ namespace, context, kind: decision.inject, drainKey: request.drainKey, annotations: counted, probes, scrapes },
    owner: request.owner ?? ownerOf(pod.metadata ?? {}),
    proxy: proxySettings(context.snapshot, { namespace, labels, annotations }),
  };
  const proxy = proxyContainerOf(job);
  if ("fault" in proxy) return { refused: proxy.fault };
  const spec = specOf(job, proxy);
  return { pod: { ...pod, metadata: metadataOf(job, spec), spec }, warnings: [...warnings, ...cautions(pod)] };
}

/** Gateways are not captured: the kubelet reaches what is beside them. */
function probesOf(
  { spec = {} }: Pod,
  kind: Job["kind"],
  annotations: Job["annotations"],
  { settings }: InjectContext,
): Rewritten {
  const said = annotations["sidecar.istio.io/rewriteAppHTTPProbers"];
  const wanted = said === undefined ? settings.rewriteAppHTTPProbe : /^(1|t|true)$/i.test(said);
  return kind === "gateway" || !wanted ? { probes: [], spec } : rewriteProbes(spec);
}

/** What counts for Pods that say nothing, as they would say it. */
function trafficOf({ settings }: InjectContext): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings.traffic).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]),
  );
}

function cautions({ spec }: Pod): readonly string[] {
  const policy = spec?.dnsPolicy;
  if (policy === undefined || policy === "ClusterFirst" || policy === "ClusterFirstWithHostNet") return [];
  return [`dnsPolicy is ${policy}: the proxy may not find the control plane; ClusterFirst would`];
}

function specOf(job: Job, proxy: Container): PodSpec {
  const { kind, context } = job;
  const spec = job.pod.spec ?? {};
  const said = containerNamed(spec.containers, proxyContainer) ?? containerNamed(spec.initContainers, proxyContainer);
  const merged = said === undefined ? proxy : mergeContainer(proxy, said);
  const others = (spec.initContainers ?? []).filter(({ name }) => name !== proxyContainer && name !== initContainer);
  const init = isCaptured(job) && context.settings.capture === "init" ? [initContainerOf(job)] : [];
  const volumes = volumesOf(job);
  const secrets = context.settings.imagePullSecrets.map((name) => ({ name }));
  return {
    ...spec,
    ...(kind === "sidecar"
      ? // First of all: the user's own init containers may call others through it.
        {
          initContainers: [...init, merged, ...others],
          containers: applications(spec.containers).map((each) => leavingSlowly(each, job)),
        }
      : { containers: gatewayContainers(spec.containers, merged), securityContext: gatewaySecurity(spec) }),
    volumes: [...joined(spec.volumes, volumes)],
    ...(secrets.length === 0 ? {} : { imagePullSecrets: joined(spec.imagePullSecrets, secrets) }),
  };
}

/** The proxy stays where the user wrote it. */
function gatewayContainers(containers: readonly Container[] | undefined, proxy: Container): readonly Container[] {
  if (containerNamed(containers, proxyContainer) === undefined) return [...(containers ?? []), proxy];
  return (containers ?? []).map((container) => (container.name === proxyContainer ? proxy : container));
}

const lowPorts = "net.ipv4.ip_unprivileged_port_start";

/** A gateway listens on 80 and 443 without privilege; not every container runtime lets it by itself. */
function gatewaySecurity({ securityContext = {} }: PodSpec): NonNullable<PodSpec["securityContext"]> {
  const { sysctls = [] } = securityContext;
  const said = sysctls.some(({ name }) => name === lowPorts);
  return said ? securityContext : { ...securityContext, sysctls: [...sysctls, { name: lowPorts, value: "0" }] };
}

function volumesOf({ annotations }: Job): readonly Named[] {
  const override = annotations["sidecar.istio.io/bootstrapOverride"];
  const text = annotations["sidecar.istio.io/userVolume"];
  const own = text === undefined ? {} : (JSON.parse(text) as Record<string, object>);
  return [
    credentialVolume(),
    ...(override === undefined ? [] : [{ name: overrideVolume, configMap: { name: override } }]),
    ...Object.entries(own).map(([name, volume]) => ({ ...volume, name })),
  ];
}

/** Both lists; of two with one name the user's. */
function joined<T extends Named>(said: readonly T[] | undefined, made: readonly T[]): readonly T[] {
  return [...(said ?? []), ...made.filter(({ name }) => !said?.some((each) => each.name === name))];
}

/** The node's agent reads annotations alone, and shall leave gateways as they are. */
function forTheNode({ kind, context }: Job): Readonly<Record<string, string>> {
  const left = kind === "gateway" && context.settings.capture === "cni";
  return left ? { "sidecar.istio.io/interceptionMode": "NONE" } : {};
}

function metadataOf(job: Job, spec: PodSpec): Metadata {
  const { pod, context, owner, kind } = job;
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const application = applications(pod.spec?.containers)[0]?.name ?? proxyContainer;
  const names = (list: readonly Named[] | undefined) => list?.map(({ name }) => name) ?? [];
  const status = {
    initContainers: names(spec.initContainers?.filter(({ name }) => name === initContainer || name === proxyContainer)),
    containers: kind === "gateway" ? [proxyContainer] : [],
    volumes: names(volumesOf(job)),
    imagePullSecrets: context.settings.imagePullSecrets,
    revision: context.revision,
  };
  return {
    ...pod.metadata,
    labels: {
      ...canonicalLabels(labels, owner.name),
      ...(kind === "sidecar" ? { "security.istio.io/tlsMode": "istio" } : { "istio.io/rev": context.revision }),
      ...labels,
    },
    annotations: {
      "kubectl.kubernetes.io/default-container": application,
      "kubectl.kubernetes.io/default-logs-container": application,
      "istio.io/rev": context.revision,
      ...context.settings.injectedAnnotations,
      // The node's plugin sees the Pod alone.
      ...(isCaptured(job) && context.settings.capture === "cni" ? trafficOf(context) : {}),
      ...(job.scrapes?.annotations ?? annotations),
      ...forTheNode(job),
      ...credentialAnnotations(),
      "sidecar.istio.io/status": JSON.stringify(status),
    },
  };
}
