import { isDeepStrictEqual } from "node:util";
import { KubernetesError } from "../kubernetes/error.ts";
import { type Ask, fieldManager, find } from "./apply.ts";
import { portable, restorePlace } from "./bundle.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import { type KubeObject, nameOf } from "./object.ts";
import { ourRelease } from "./owned.ts";
import { readinessOf } from "./readiness.ts";

/** What became of one object of a bundle. */
export interface Restored {
  readonly object: KubeObject;
  readonly result: "created" | "equal" | "overwritten" | "differs" | "failed";
  /** Why it failed. */
  readonly reason?: string;
}

export interface RestoreOptions {
  readonly dryRun: boolean;
  /** Objects that are there and say something else are overwritten. */
  readonly force: boolean;
  /** Waits a moment; answers false when there is no time left. */
  readonly pause: () => Promise<boolean>;
}

/** Puts the objects of a bundle back, what others need first. An object that fails is told and the others go on. Throws KubernetesError where nothing answers. */
export async function restore(
  ask: Ask,
  bundle: readonly KubeObject[],
  kinds: Kinds,
  options: RestoreOptions,
): Promise<readonly Restored[]> {
  const ordered = [...bundle].sort((a, b) => restorePlace(a) - restorePlace(b));
  const done: Restored[] = [];
  for (const [i, object] of ordered.entries()) {
    done.push(await one(ask, object, kinds, options));
    const definition = object.kind === "CustomResourceDefinition";
    const lastDefinition = definition && ordered[i + 1]?.kind !== "CustomResourceDefinition";
    if (lastDefinition && !options.dryRun) await established(ask, ordered, kinds, options.pause);
  }
  return done;
}

async function established(ask: Ask, ordered: readonly KubeObject[], kinds: Kinds, pause: () => Promise<boolean>) {
  for (const object of ordered.filter(({ kind }) => kind === "CustomResourceDefinition"))
    while (!(await readinessOf(ask, object, kinds)).ready) if (!(await pause())) return;
}

async function one(ask: Ask, object: KubeObject, kinds: Kinds, options: RestoreOptions): Promise<Restored> {
  try {
    const live = await find(ask, pathOf(object, kinds));
    if (
      live !== undefined &&
      isDeepStrictEqual(portable({ ...live, apiVersion: object.apiVersion, kind: object.kind }), object)
    )
      return { object, result: "equal" };
    if (live !== undefined && !options.force) return { object, result: "differs" };
    if (!options.dryRun) await (live === undefined ? create(ask, object, kinds) : overwrite(ask, object, kinds));
    return { object, result: live === undefined ? "created" : "overwritten" };
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code === 0 || error.code === 401) throw error;
    return { object, result: "failed", reason: error.message };
  }
}

async function create(ask: Ask, object: KubeObject, kinds: Kinds): Promise<void> {
  try {
    await put(ask, object, kinds);
  } catch (error) {
    // Its address or its port on nodes may be somebody else's by now.
    if (!(error instanceof KubernetesError) || error.code !== 422 || object.kind !== "Service") throw error;
    await put(ask, withoutAddress(object), kinds);
  }
}

/** Ours and definitions come as `weft install` applies them, so that the next one finds its own; the user's as they were. */
async function put(ask: Ask, object: KubeObject, kinds: Kinds): Promise<void> {
  const path = pathOf(object, kinds);
  const ours = object.kind === "CustomResourceDefinition" || ourRelease(object) !== undefined;
  if (!ours) {
    const all = path.slice(0, path.lastIndexOf("/"));
    await ask(all, { method: "POST", query: { fieldManager: "weft-restore" }, body: object, timeoutMs });
    return;
  }
  const { said, bundles } = withoutBundles(object);
  const query = { fieldManager, force: true };
  await ask(path, { method: "PATCH", contentType: "application/apply-patch+yaml", query, body: said, timeoutMs });
  if (bundles.length === 0) return;
  const contentType = "application/strategic-merge-patch+json";
  await ask(path, { method: "PATCH", contentType, query: { fieldManager: "weft" }, body: { webhooks: bundles } });
}

const timeoutMs = 60_000;

async function overwrite(ask: Ask, object: KubeObject, kinds: Kinds): Promise<void> {
  const path = pathOf(object, kinds);
  const live = await ask<KubeObject>(path);
  const metadata = { ...object.metadata, resourceVersion: live.metadata.resourceVersion };
  await ask(path, { method: "PUT", query: { fieldManager }, body: { ...object, metadata }, timeoutMs });
}

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly caBundle?: string };
}

/** caBundle is the control plane's field: whoever installs must not own it, or the next installation would take it away. */
function withoutBundles(object: KubeObject): { readonly said: KubeObject; readonly bundles: readonly Webhook[] } {
  const webhooks = object["webhooks"] as readonly Webhook[] | undefined;
  if (webhooks === undefined) return { said: object, bundles: [] };
  const bundles = webhooks.flatMap(({ name, clientConfig: { caBundle } }) =>
    caBundle === undefined ? [] : [{ name, clientConfig: { caBundle } }],
  );
  const bare = webhooks.map((webhook) => {
    const { caBundle: _, ...clientConfig } = webhook.clientConfig;
    return { ...webhook, clientConfig };
  });
  return { said: { ...object, webhooks: bare }, bundles };
}

function withoutAddress(object: KubeObject): KubeObject {
  const {
    clusterIP: _,
    clusterIPs: __,
    healthCheckNodePort: ___,
    ports,
    ...spec
  } = object["spec"] as {
    readonly ports?: readonly Readonly<Record<string, unknown>>[];
    readonly [field: string]: unknown;
  };
  const free = (ports ?? []).map(({ nodePort: _port, ...port }) => port);
  return { ...object, spec: { ...spec, ports: free } };
}

/** `3 created, 1 differs`. */
export function restoredCount(done: readonly Restored[]): string {
  const results: readonly Restored["result"][] = ["created", "equal", "overwritten", "differs", "failed"];
  const counts = results.map((result) => [done.filter((one) => one.result === result).length, result] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`)
    .join(", ");
}

/** `ConfigMap istio-system/istio: it is there and says something else`. */
export function restoredTrouble({ object, result, reason }: Restored): string | undefined {
  if (result === "differs") return `${nameOf(object)} is there and says something else`;
  return result === "failed" ? `${nameOf(object)}: ${reason}` : undefined;
}
