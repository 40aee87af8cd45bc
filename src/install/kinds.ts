import type { KubeObject } from "./object.ts";

/** How objects of a kind are reached. */
export interface Kind {
  readonly plural: string;
  readonly namespaced: boolean;
}

const cluster = (plural: string): Kind => ({ plural, namespaced: false });
const inNamespace = (plural: string): Kind => ({ plural, namespaced: true });

/** Kubernetes' own kinds that an installation consists of. */
const builtIn: Readonly<Record<string, Kind>> = {
  "v1 Namespace": cluster("namespaces"),
  "v1 ServiceAccount": inNamespace("serviceaccounts"),
  "v1 Service": inNamespace("services"),
  "v1 ConfigMap": inNamespace("configmaps"),
  "v1 Secret": inNamespace("secrets"),
  "coordination.k8s.io/v1 Lease": inNamespace("leases"),
  "apps/v1 Deployment": inNamespace("deployments"),
  "apps/v1 DaemonSet": inNamespace("daemonsets"),
  "autoscaling/v2 HorizontalPodAutoscaler": inNamespace("horizontalpodautoscalers"),
  "policy/v1 PodDisruptionBudget": inNamespace("poddisruptionbudgets"),
  "networking.k8s.io/v1 NetworkPolicy": inNamespace("networkpolicies"),
  "rbac.authorization.k8s.io/v1 ClusterRole": cluster("clusterroles"),
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": cluster("clusterrolebindings"),
  "rbac.authorization.k8s.io/v1 Role": inNamespace("roles"),
  "rbac.authorization.k8s.io/v1 RoleBinding": inNamespace("rolebindings"),
  "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": cluster("mutatingwebhookconfigurations"),
  "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": cluster("validatingwebhookconfigurations"),
  "apiextensions.k8s.io/v1 CustomResourceDefinition": cluster("customresourcedefinitions"),
  "gateway.networking.k8s.io/v1 GatewayClass": cluster("gatewayclasses"),
};

/** Kinds of Kubernetes' own, and of definitions: `apiVersion kind` to how they are reached. */
export type Kinds = ReadonlyMap<string, Kind>;

interface Definition {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** Kubernetes' own kinds and those that some definitions serve. */
export function kindsOf(definitions: readonly KubeObject[]): Kinds {
  const custom = definitions.flatMap((object) => {
    const { group, scope, names, versions } = object["spec"] as Definition;
    const kind = { plural: names.plural, namespaced: scope === "Namespaced" };
    return versions.map(({ name }) => [`${group}/${name} ${names.kind}`, kind] as const);
  });
  return new Map([...custom, ...Object.entries(builtIn)]);
}

/** The path of an object in the API. Throws for a kind that is not known. */
export function pathOf({ apiVersion, kind, metadata }: KubeObject, kinds: Kinds): string {
  return `${listPath(apiVersion, kind, kinds, metadata.namespace)}/${encodeURIComponent(metadata.name)}`;
}

/** The path of all objects of a kind, in a namespace or in all. Throws for a kind that is not known. */
export function listPath(apiVersion: string, kind: string, kinds: Kinds, namespace?: string): string {
  const known = kinds.get(`${apiVersion} ${kind}`);
  if (known === undefined) throw new Error(`${apiVersion} ${kind} is no kind that Weft knows`);
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = known.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${known.plural}`;
}
