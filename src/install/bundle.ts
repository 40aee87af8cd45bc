import type { KubeObject } from "./object.ts";
import { ownKinds } from "./owned.ts";

/** What an API server keeps about an object, and nobody can say. */
const kept = new Set([
  "resourceVersion",
  "uid",
  "creationTimestamp",
  "generation",
  "managedFields",
  "selfLink",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  // Owners come back with other ids, or not at all; whoever made an object for an owner adopts it or makes it again.
  "ownerReferences",
]);

/** An object as it can be created again: without status, ids, and what its API server keeps about it. */
export function portable({ metadata, status: _, ...rest }: KubeObject): KubeObject {
  const said = Object.fromEntries(Object.entries(metadata).filter(([key]) => !kept.has(key)));
  return { ...rest, metadata: { ...said, name: metadata.name } } as KubeObject;
}

/** Places in the order in which objects come back: what others need first, webhooks last, so that they refuse nothing of it. */
export function restorePlace({ apiVersion, kind }: KubeObject): number {
  if (kind === "CustomResourceDefinition") return 1;
  const own = ownKinds.findIndex(([version, name]) => version === apiVersion && name === kind);
  if (kind === "Namespace") return 0;
  if (own < 0) return 2;
  return 3 + own;
}
