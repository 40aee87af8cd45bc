/** What an Envoy says about the Pod it stands beside. Everything here is a claim: who it is comes from its token or certificate. */
export interface ProxyNode {
  readonly kind: "sidecar" | "router";
  readonly ip: string;
  /** Pod name. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** Deployment or the like: `reviews-v1`. */
  readonly workload: string;
  /** Names of the Pod's own containers. */
  readonly containers: readonly string[];
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly kubeCluster: string;
  /** What traces call it; its app and namespace, where that is absent. */
  readonly cluster?: string;
  readonly meshId: string;
  readonly dnsDomain: string;
  /** Name of the machine. */
  readonly nodeName: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subzone: string };
  /** Further metadata, such as `WEFT_MODE`; wins over what is derived. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Istio's node id: `sidecar~10.0.0.7~reviews-v1-0.default~default.svc.cluster.local`. */
export function nodeId(node: ProxyNode): string {
  return `${node.kind}~${node.ip}~${node.name}.${node.namespace}~${node.namespace}.svc.${node.dnsDomain}`;
}

/**
 * Envoy's `node` with Istio's metadata keys. `ISTIO_VERSION` is left out on purpose: it says that Istio's own agent runs this Envoy
 * and that secrets come from it.
 */
export function envoyNode(node: ProxyNode): Record<string, unknown> {
  const app = node.labels["app"] ?? node.labels["app.kubernetes.io/name"] ?? node.workload;
  return {
    id: nodeId(node),
    cluster: node.cluster ?? `${app}.${node.namespace}`,
    locality: { region: node.locality.region, zone: node.locality.zone, sub_zone: node.locality.subzone },
    metadata: {
      NAME: node.name,
      NAMESPACE: node.namespace,
      LABELS: node.labels,
      ANNOTATIONS: node.annotations,
      SERVICE_ACCOUNT: node.serviceAccount,
      WORKLOAD_NAME: node.workload,
      OWNER: `kubernetes://apis/apps/v1/namespaces/${node.namespace}/deployments/${node.workload}`,
      CLUSTER_ID: node.kubeCluster,
      MESH_ID: node.meshId,
      NODE_NAME: node.nodeName,
      INSTANCE_IPS: node.ip,
      APP_CONTAINERS: node.containers.join(","),
      POD_PORTS: JSON.stringify(node.ports),
      INTERCEPTION_MODE: node.kind === "sidecar" ? "REDIRECT" : "NONE",
      ...node.metadata,
    },
  };
}
