import type { ProxyNode } from "../agent/node.ts";
import { get } from "../model/snapshot.ts";
import { isCaptured, type Job } from "./context.ts";
import { placeholder } from "./placeholder.ts";
import { type Container, proxyContainer } from "./pod.ts";
import { ownerUri } from "./workload.ts";

/** Annotations that the control plane reads of a proxy: the mesh's own. Others may be long (`last-applied-configuration`). */
const told = /(^|\.)istio\.io\/|^weft\.dev\//;

/** Envoy's node, with Istio's metadata. What the kubelet alone knows is a placeholder. */
export function nodeOf(job: Job): ProxyNode {
  const { pod, context, owner, proxy, kind } = job;
  const { settings } = context;
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const containers = applications(pod.spec?.containers);
  const workload = owner.name ?? placeholder("POD_NAME");
  const namespace = placeholder("POD_NAMESPACE");
  return {
    kind: kind === "gateway" ? "router" : "sidecar",
    ip: placeholder("INSTANCE_IP"),
    name: placeholder("POD_NAME"),
    namespace,
    labels: { ...labels, ...canonicalLabels(labels, owner.name) },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => told.test(name))),
    serviceAccount: placeholder("SERVICE_ACCOUNT"),
    workload,
    containers: containers.map((container) => container.name),
    ports: containers.flatMap((container) => container.ports ?? []),
    kubeCluster: settings.clusterName,
    ...(proxy.cluster === undefined ? {} : { cluster: proxy.cluster }),
    meshId: proxy.meshId ?? trustDomain(job),
    dnsDomain: settings.clusterDomain,
    nodeName: placeholder("NODE_NAME"),
    // The control plane knows it from the Node.
    locality: { region: "", zone: "", subzone: "" },
    metadata: {
      INSTANCE_IPS: placeholder("INSTANCE_IPS"),
      INTERCEPTION_MODE: isCaptured(job) ? "REDIRECT" : "NONE",
      OWNER: ownerUri({ ...owner, name: workload }, namespace),
      ...networkOf(job),
      ...(annotations["proxy.istio.io/config"] === undefined
        ? {}
        : { PROXY_CONFIG: annotations["proxy.istio.io/config"] }),
      ...saidMetadata(proxy.env),
    },
  };
}

function networkOf({ pod, context }: Job): Readonly<Record<string, string>> {
  const network = pod.metadata?.labels?.["topology.istio.io/network"] ?? context.settings.network;
  return network === undefined ? {} : { NETWORK: network };
}

/** Containers of the user's; the proxy is none. */
export function applications(containers: readonly Container[] | undefined): readonly Container[] {
  return (containers ?? []).filter((container) => container.name !== proxyContainer);
}

function trustDomain({ context }: Job): string {
  const mesh = get(context.snapshot, { type: "MeshConfig", namespace: "", name: "istio" })?.spec;
  return (mesh as { readonly trustDomain?: string } | undefined)?.trustDomain ?? "cluster.local";
}

/** `ISTIO_META_NETWORK: n1` is metadata NETWORK; `ISTIO_METAJSON_` holds JSON. */
function saidMetadata(env: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]): [string, unknown][] => {
      if (name.startsWith("ISTIO_META_")) return [[name.slice(11), value]];
      return name.startsWith("ISTIO_METAJSON_") ? [[name.slice(15), jsonOr(value)]] : [];
    }),
  );
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Istio's names of a service and its version for telemetry. Source: istio.io/latest/docs/ops/common-problems/validation, labels of istio.io/api. */
export function canonicalLabels(
  labels: Readonly<Record<string, string>>,
  owner: string | undefined,
): Readonly<Record<string, string>> {
  const first = (...names: readonly string[]) => names.map((name) => labels[name]).find((value) => value !== undefined);
  const name = first("service.istio.io/canonical-name", "app.kubernetes.io/name", "app") ?? owner;
  const revision = first("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version") ?? "latest";
  return {
    ...(name === undefined ? {} : { "service.istio.io/canonical-name": name.slice(0, 63) }),
    "service.istio.io/canonical-revision": revision,
  };
}
