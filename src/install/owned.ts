import { KubernetesError } from "../kubernetes/error.ts";
import type { Ask } from "./apply.ts";
import { inTurns } from "./in-turns.ts";
import { type Kinds, listPath } from "./kinds.ts";
import type { KubeObject, Metadata } from "./object.ts";

/** Kinds that an installation may consist of, in the order in which they are applied: what others need comes first. */
export const ownKinds: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Namespace"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["v1", "ServiceAccount"],
  ["v1", "ConfigMap"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["v1", "Service"],
  ["policy/v1", "PodDisruptionBudget"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "Deployment"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
  ["gateway.networking.k8s.io/v1", "GatewayClass"],
];

/** All objects of the kinds of an installation that have some labels. Throws KubernetesError. */
export async function labelled(ask: Ask, kinds: Kinds, labelSelector: string): Promise<readonly KubeObject[]> {
  const lists = await inTurns(ownKinds, ([apiVersion, kind]) =>
    listOf(ask, kinds, apiVersion, kind, { labelSelector }),
  );
  return lists.flat();
}

/** Objects of one kind, read in pages; none where the kind is not served. Throws KubernetesError. */
export async function listOf(
  ask: Ask,
  kinds: Kinds,
  apiVersion: string,
  kind: string,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly KubeObject[]> {
  interface Page {
    readonly metadata: { readonly continue?: string };
    readonly items: readonly { readonly metadata: Metadata }[];
  }
  const found: KubeObject[] = [];
  try {
    for (let next = ""; ; ) {
      const page = await ask<Page>(listPath(apiVersion, kind, kinds), {
        query: { ...query, limit: 500, continue: next === "" ? undefined : next },
      });
      // Lists leave out what their items are.
      found.push(...page.items.map((item) => ({ ...item, apiVersion, kind })));
      next = page.metadata.continue ?? "";
      if (next === "") return found;
    }
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 404) return [];
    throw error;
  }
}

/** Of what `weft install` made for a release. */
export function releaseLabels(release: string): string {
  return `app.kubernetes.io/managed-by=weft,app.kubernetes.io/instance=${release}`;
}

/** The release of Helm's that an object belongs to. */
export function helmRelease({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.["meta.helm.sh/release-name"];
}

/** The release of ours that an object belongs to. */
export function ourRelease({ metadata }: KubeObject): string | undefined {
  const { labels = {} } = metadata;
  return labels["app.kubernetes.io/managed-by"] === "weft" ? labels["app.kubernetes.io/instance"] : undefined;
}
