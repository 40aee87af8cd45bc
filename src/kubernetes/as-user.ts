import { KubeConfig } from "@kubernetes/client-node";
import { type KubernetesClient, kubernetesClient } from "./client.ts";
import type { ReviewedUser } from "./token-review.ts";

/** As whom an API server is asked: by a token of theirs, or in their name by whoever may impersonate them. */
export type AsUser = { readonly token: string } | { readonly impersonated: ReviewedUser };

/** The API server of a configuration's current context, as somebody else than that context's user. To be closed by whoever asks. */
export function clientAs(config: KubeConfig, as: AsUser): KubernetesClient {
  const cluster = config.getCurrentCluster();
  const own = config.getCurrentUser();
  if (cluster === null || own === null) throw new Error("the configuration has no current context");
  const user = "token" in as ? { name: "user", token: as.token } : own;
  const theirs = new KubeConfig();
  theirs.loadFromOptions({
    clusters: [cluster],
    users: [user],
    contexts: [{ name: "user", cluster: cluster.name, user: user.name }],
    currentContext: "user",
  });
  return kubernetesClient(theirs, "token" in as ? {} : { headers: impersonation(as.impersonated) });
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation({
  username,
  groups,
  extra,
}: ReviewedUser): Readonly<Record<string, string | readonly string[]>> {
  const more = Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values]);
  return {
    "Impersonate-User": username,
    ...(groups.length === 0 ? {} : { "Impersonate-Group": groups }),
    ...Object.fromEntries(more),
  };
}
