import type { Type } from "./resource.ts";

/** The kinds of the API groups that Weft knows, cluster-scoped ones marked by `*`. A kind of another group is taken as it is. */
const known: Readonly<Record<string, string>> = {
  "": "Binding ConfigMap Endpoints Event LimitRange List Namespace* Node* PersistentVolume* PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
  apps: "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
  batch: "CronJob Job",
  autoscaling: "HorizontalPodAutoscaler Scale",
  policy: "Eviction PodDisruptionBudget PodSecurityPolicy*",
  "networking.k8s.io": "IPAddress* Ingress IngressClass* NetworkPolicy ServiceCIDR*",
  "discovery.k8s.io": "EndpointSlice",
  "rbac.authorization.k8s.io": "ClusterRole* ClusterRoleBinding* Role RoleBinding",
  "storage.k8s.io": "CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment* VolumeAttributesClass*",
  "scheduling.k8s.io": "PriorityClass*",
  "coordination.k8s.io": "Lease LeaseCandidate",
  "certificates.k8s.io": "CertificateSigningRequest* ClusterTrustBundle* PodCertificateRequest",
  "node.k8s.io": "RuntimeClass*",
  "events.k8s.io": "Event",
  "apiextensions.k8s.io": "CustomResourceDefinition*",
  "apiregistration.k8s.io": "APIService*",
  "admissionregistration.k8s.io":
    "MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding* MutatingWebhookConfiguration* ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding* ValidatingWebhookConfiguration*",
  "flowcontrol.apiserver.k8s.io": "FlowSchema* PriorityLevelConfiguration*",
  "gateway.networking.k8s.io":
    "BackendTLSPolicy GRPCRoute Gateway GatewayClass* HTTPRoute ListenerSet ReferenceGrant TCPRoute TLSRoute UDPRoute",
  "networking.istio.io":
    "DestinationRule EnvoyFilter Gateway ProxyConfig ServiceEntry Sidecar VirtualService WorkloadEntry WorkloadGroup",
  "security.istio.io": "AuthorizationPolicy PeerAuthentication RequestAuthentication",
  "telemetry.istio.io": "Telemetry",
  "extensions.istio.io": "TrafficExtension WasmPlugin",
  "install.istio.io": "IstioOperator",
  "weft.dev": "Compression Fallback RateLimit",
};

/** Cluster-scoped kinds of groups that are not Weft's, seen beside a mesh's YAML. */
const foreignClusterScoped = new Set(["ClusterIssuer.cert-manager.io", "ClusterPolicy.kyverno.io", "Mesh.kuma.io"]);

const scopes: ReadonlyMap<Type, "Namespaced" | "Cluster"> = new Map(
  Object.entries(known).flatMap(([group, kinds]) =>
    kinds.split(" ").map((marked) => {
      const kind = marked.replace("*", "");
      return [group === "" ? kind : `${kind}.${group}`, marked.endsWith("*") ? "Cluster" : "Namespaced"] as const;
    }),
  ),
);

/** All types that are known by name. */
export const knownTypes: readonly Type[] = [...scopes.keys()];

/** All API groups whose kinds are known. The core group is `""`. */
export const knownGroups: readonly string[] = Object.keys(known);

/** Whether objects of a type live in a namespace. A type that is not known does. */
export function isNamespaced(type: Type): boolean {
  return scopes.get(type) !== "Cluster" && !foreignClusterScoped.has(type);
}

/** Whether the kind is one of its group; undefined where the group is not known. */
export function isKnown(type: Type, group: string): boolean | undefined {
  return Object.hasOwn(known, group) ? scopes.has(type) : undefined;
}
