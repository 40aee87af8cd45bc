import { keep } from "../kubernetes/kept.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { fieldManager, type World } from "./operator.ts";
import { reconciler } from "./reconcile.ts";

const plurals = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"] as const;

export interface CaBundlesOptions extends World {
  readonly revision: string;
  /** PEM of the roots that the webhooks' certificate is checked by, now. */
  readonly roots: () => string;
  /** Calls back after each change of them; the answer ends it. */
  readonly onRoots: (listener: () => void) => () => void;
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
  const caBundle = () => Buffer.from(options.roots()).toString("base64");
  const query = { labelSelector: `app=weft,istio.io/rev=${revision}` };
  const changed = () => work.changed();
  const kinds = plurals.map((plural) => {
    const resource = { group: "admissionregistration.k8s.io", version: "v1", plural };
    return { plural, kept: keep({ ...world, resource, query, of: bundlesOf, onChange: changed }) };
  });
  const once = async () => {
    const right = caBundle();
    if (right === "") return;
    for (const { plural, kept } of kinds) {
      for (const [name, all] of kept.all) {
        const wrong = wrongIn(all, right);
        if (wrong.length === 0) continue;
        await client.ask(`/apis/admissionregistration.k8s.io/v1/${plural}/${name}`, {
          method: "PATCH",
          query: { fieldManager },
          contentType: "application/strategic-merge-patch+json",
          body: { webhooks: wrong.map((webhook) => ({ name: webhook, clientConfig: { caBundle: right } })) },
        });
      }
    }
  };
  const work = reconciler({ ...world, name: "caBundle of webhooks", once });
  const deaf = options.onRoots(changed);
  return {
    missing: () =>
      kinds.flatMap(({ plural, kept }) => {
        if (kept.state.kind === "starting") return [plural];
        const right = caBundle();
        return [...kept.all].flatMap(([name, all]) =>
          wrongIn(all, right).length === 0 ? [] : [`caBundle of ${name}`],
        );
      }),
    stop() {
      deaf();
      work.stop();
      for (const { kept } of kinds) void kept.stop();
    },
  };
}

/** Bundles of an object's webhooks, by their names. */
function bundlesOf({ webhooks = [] }: KubernetesObject): ReadonlyMap<string, string | undefined> {
  return new Map((webhooks as readonly Webhook[]).map(({ name, clientConfig }) => [name, clientConfig?.caBundle]));
}

/** Names of the webhooks whose bundle is not ours. */
function wrongIn(bundles: ReadonlyMap<string, string | undefined>, right: string): readonly string[] {
  return [...bundles].flatMap(([name, bundle]) => (bundle === right ? [] : [name]));
}
