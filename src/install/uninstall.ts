import { type Ask, find } from "./apply.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import { type KubeObject, nameOf } from "./object.ts";
import { ownKinds } from "./owned.ts";
import { isOurDefinition, type Present } from "./present.ts";
import { isObject } from "./values.ts";

/** What goes and what stays. */
export interface Removal {
  /** In the order in which they go: webhooks first, so that nothing waits for a control plane that is gone. */
  readonly goes: readonly KubeObject[];
  readonly stays: readonly KubeObject[];
}

/** Decides about everything that is there. `revision` undefined: all of them. */
export function removal(all: Present, revision: string | undefined, purge: boolean): Removal {
  const others = [...all.revisions.keys()].filter((name) => revision !== undefined && name !== revision);
  const last = others.length === 0;
  const own = [...all.revisions].flatMap(([name, objects]) =>
    revision === undefined || name === revision ? objects : [],
  );
  const tags = all.shared.filter(({ metadata }) => metadata.labels?.["istio.io/tag"] !== undefined);
  const ownTags = tags.filter(
    ({ metadata }) => revision === undefined || metadata.labels?.["istio.io/rev"] === revision,
  );
  const shared = all.shared.filter((object) => !tags.includes(object));
  const definitions = all.definitions.filter(isOurDefinition);
  const goes = [
    ...own,
    ...ownTags,
    ...(last ? shared : []),
    ...(last ? all.made.filter(({ kind }) => purge || kind === "Lease") : []),
    // Their objects go with them.
    ...(last && purge ? definitions : []),
  ];
  const everything = [
    ...[...all.revisions.values()].flat(),
    ...all.shared,
    ...all.made,
    ...all.definitions,
    ...all.custom,
  ];
  const gone = new Set(goes);
  const lost = new Set(goes.filter(({ kind }) => kind === "CustomResourceDefinition").map(definedKind));
  const stays = everything.filter((object) => !gone.has(object) && !lost.has(groupKind(object)));
  return { goes: [...goes].sort((a, b) => place(a) - place(b)), stays };
}

function place({ kind }: KubeObject): number {
  if (kind.endsWith("WebhookConfiguration")) return -1;
  const found = ownKinds.findIndex(([, own]) => own === kind);
  return found < 0 ? ownKinds.length : ownKinds.length - found;
}

function definedKind({ spec }: KubeObject): string {
  const { group, names } = spec as { readonly group: string; readonly names: { readonly kind: string } };
  return `${names.kind}.${group}`;
}

function groupKind({ apiVersion, kind }: KubeObject): string {
  return `${kind}.${apiVersion.split("/")[0]}`;
}

/** Takes objects away, one after the other; what is gone already is no fault. Throws KubernetesError. */
export async function remove(
  ask: Ask,
  kinds: Kinds,
  goes: readonly KubeObject[],
  tell: (name: string) => void,
): Promise<void> {
  for (const object of goes) {
    const path = pathOf(object, kinds);
    if ((await find(ask, path)) === undefined) continue;
    // Pods go with their Deployment, and not before the API server has written that down.
    await ask(path, { method: "DELETE", body: { propagationPolicy: "Background" }, timeoutMs: 60_000 });
    tell(nameOf(object));
  }
}

/** Whether objects are gone for good: a definition stays until all its objects are deleted. */
export async function areGone(ask: Ask, kinds: Kinds, objects: readonly KubeObject[]): Promise<boolean> {
  for (const object of objects) {
    const live = await find(ask, pathOf(object, kinds));
    if (live !== undefined && live.metadata.uid === object.metadata.uid) return false;
  }
  return true;
}

/** Pods with a sidecar, by namespace; of one revision, or of all. They keep their last configuration until they are restarted. */
export async function injected(ask: Ask, revision: string | undefined): Promise<ReadonlyMap<string, number>> {
  const query = { labelSelector: "security.istio.io/tlsMode=istio" };
  const { items } = await ask<{ readonly items: readonly KubeObject[] }>("/api/v1/pods", { query });
  const counts = new Map<string, number>();
  for (const { metadata } of items) {
    const said = metadata.annotations?.["sidecar.istio.io/status"];
    if (said === undefined || (revision !== undefined && revisionIn(said) !== revision)) continue;
    const namespace = metadata.namespace ?? "";
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return counts;
}

/** The annotation is JSON that injection wrote; whoever wrote something else is of no revision. */
function revisionIn(text: string): unknown {
  try {
    const status = JSON.parse(text) as unknown;
    return isObject(status) ? status["revision"] : undefined;
  } catch {
    return undefined;
  }
}
