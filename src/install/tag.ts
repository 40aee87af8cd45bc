import type { Charts } from "./installation.ts";
import type { KubeObject } from "./object.ts";
import { render } from "./render.ts";
import { overlay } from "./values.ts";

/** A name for a revision, and who uses it. */
export interface Tag {
  readonly name: string;
  readonly revision: string;
  /** Namespaces that chose it. */
  readonly namespaces: readonly string[];
}

/**
 * What makes a name for a revision: a webhook for namespaces and Pods that chose it, as the chart has it, and the right of that revision's control plane
 * to keep the webhook's caBundle.
 */
export function tagObjects(charts: Charts, tag: string, revision: string, namespace: string): readonly KubeObject[] {
  const values = overlay(charts.weft.values, { revision, revisionTags: [tag] });
  // Not the release's own: its next installation would take away what its values do not name.
  const release = { name: `weft-tag-${tag}`, namespace, service: "weft" };
  const rendered = render(charts.weft, values, release);
  const name = `weft-revision-tag-${tag}`;
  const webhook = rendered.find(
    ({ kind, metadata }) => kind === "MutatingWebhookConfiguration" && metadata.name === name,
  );
  const account = rendered.find(
    ({ kind, metadata }) => kind === "ServiceAccount" && metadata.labels?.["app"] === "weft",
  );
  if (webhook === undefined || account === undefined) throw new Error("the chart has no webhook for tags");
  const metadata = { name, labels: webhook.metadata.labels ?? {} };
  const rbac = "rbac.authorization.k8s.io";
  const role = {
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata },
    rules: [
      {
        ...{ apiGroups: ["admissionregistration.k8s.io"], resources: ["mutatingwebhookconfigurations"] },
        ...{ resourceNames: [name], verbs: ["patch"] },
      },
    ],
  };
  const binding = {
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
  };
  return [role, binding, webhook];
}

/** The tags among webhooks, with the namespaces that chose them. Sorted. */
export function tagsIn(webhooks: readonly KubeObject[], namespaces: readonly KubeObject[]): readonly Tag[] {
  const tags = webhooks.flatMap(({ metadata: { labels = {} } }) => {
    const name = labels["istio.io/tag"];
    const revision = labels["istio.io/rev"];
    return name === undefined || revision === undefined ? [] : [{ name, revision }];
  });
  return tags
    .map((tag) => ({ ...tag, namespaces: namespacesOf(tag.name, namespaces) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Namespaces that chose a revision or a tag by its name; `default` also those that say istio-injection=enabled, which counts more. */
export function namespacesOf(name: string, namespaces: readonly KubeObject[]): readonly string[] {
  return namespaces
    .filter(({ metadata: { labels = {} } }) => {
      const injection = labels["istio-injection"];
      return injection === undefined ? labels["istio.io/rev"] === name : injection === "enabled" && name === "default";
    })
    .map(({ metadata }) => metadata.name)
    .sort();
}
