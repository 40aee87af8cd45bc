import { keep } from "../kubernetes/kept.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { fieldManager, type World } from "./operator.ts";
import { reconciler } from "./reconcile.ts";

const plurals = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"] as const;

export interface CaBundlesOptions extends World {
  readonly revision: string;
  /** PEM of the roots that the webhooks' certificate is checked by. */
  readonly roots: string;
}

export interface CaBundles {
  /** What the API server cannot call yet, in words; nothing where we may not see them. */
  missing(): readonly string[];
  stop(): void;
}

interface Webhook {
  readonly name: string;
  readonly clientConfig?: { readonly caBundle?: string };
}

/**
 * Keeps the API server able to trust our webhooks: `caBundle` of all configurations that are labelled as this revision's, those of its tags
 * among them. Each replica does so, as all write the same, and none may write those of another revision.
 */
export function caBundles(options: CaBundlesOptions): CaBundles {
  const { client, clock, random, log, lists, revision } = options;
  const world = { client, clock, random, log, lists };
  const caBundle = Buffer.from(options.roots).toString("base64");
  const query = { labelSelector: `app=weft,istio.io/rev=${revision}` };
  const changed = () => work.changed();
  const kinds = plurals.map((plural) => {
    const resource = { group: "admissionregistration.k8s.io", version: "v1", plural };
    return { plural, kept: keep({ ...world, resource, query, of: wrongIn(caBundle), onChange: changed }) };
  });
  const once = async () => {
    for (const { plural, kept } of kinds) {
      for (const [name, wrong] of kept.all) {
        if (wrong.length === 0) continue;
        await client.ask(`/apis/admissionregistration.k8s.io/v1/${plural}/${name}`, {
          method: "PATCH",
          query: { fieldManager },
          contentType: "application/strategic-merge-patch+json",
          body: { webhooks: wrong.map((webhook) => ({ name: webhook, clientConfig: { caBundle } })) },
        });
      }
    }
  };
  const work = reconciler({ ...world, name: "caBundle of webhooks", once });
  return {
    missing: () =>
      kinds.flatMap(({ plural, kept }) => {
        if (kept.state.kind === "starting") return [plural];
        return [...kept.all].flatMap(([name, wrong]) => (wrong.length === 0 ? [] : [`caBundle of ${name}`]));
      }),
    stop() {
      work.stop();
      for (const { kept } of kinds) void kept.stop();
    },
  };
}

/** Names of an object's webhooks whose bundle is not ours. */
function wrongIn(caBundle: string) {
  return ({ webhooks = [] }: KubernetesObject): readonly string[] =>
    (webhooks as readonly Webhook[]).filter((one) => one.clientConfig?.caBundle !== caBundle).map(({ name }) => name);
}
