import type { LabelSelector } from "../../inject/selector.ts";
import type { KubeCluster } from "./cluster.ts";
import { type KubeObject, listAll } from "./list.ts";

/** A MutatingWebhookConfiguration or a ValidatingWebhookConfiguration. */
export interface WebhookConfiguration extends KubeObject {
  readonly kind: string;
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
    readonly namespaceSelector?: LabelSelector;
    readonly objectSelector?: LabelSelector;
  }[];
}

/** Weft's own, of one revision where one was asked for. */
export async function webhookConfigurations(cluster: KubeCluster): Promise<readonly WebhookConfiguration[]> {
  const labelSelector = cluster.revision === undefined ? "app=weft" : `app=weft,istio.io/rev=${cluster.revision}`;
  const lists = await Promise.all(
    (["Mutating", "Validating"] as const).map(async (kind) => {
      const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`;
      const found = await listAll<WebhookConfiguration>(cluster, path, { labelSelector });
      return found.map((one) => ({ ...one, kind: `${kind}WebhookConfiguration` }));
    }),
  );
  return lists.flat();
}

/** The mesh's root certificate, as every namespace has it; undefined where there is none. */
export async function rootPem(cluster: KubeCluster): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(cluster.installNamespace)}/configmaps/weft-ca-root-cert`;
  const map = await cluster.find<{ readonly data?: Readonly<Record<string, string>> }>(path);
  const pem = map?.data?.["root-cert.pem"];
  return pem === undefined || !pem.includes("BEGIN CERTIFICATE") ? undefined : pem;
}
