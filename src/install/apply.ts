import { isDeepStrictEqual } from "node:util";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import type { KubeObject } from "./object.ts";

export type Ask = KubernetesClient["ask"];

/** Who owns the fields that an installation sets. The control plane is another: it fills in caBundle. */
export const fieldManager = "weft-install";

/** A definition of a kind takes a busy API server many seconds. */
const applyMs = 60_000;

export type Change = "created" | "changed" | "unchanged";

/** What became of one object. */
export interface Applied {
  readonly object: KubeObject;
  readonly change: Change;
  readonly before?: KubeObject;
  /** Absent where a dry run could not ask the API server: its namespace or its kind is not there yet. */
  readonly after?: KubeObject;
}

/**
 * Whether an object is what we would apply: nothing of it was changed since, and nothing is left of what an earlier version said, by the digest in an
 * annotation. Only definitions of kinds have one: applying one makes the API server put all its schemas together again.
 */
export function isApplied(object: KubeObject, live: KubeObject): boolean {
  const digest = object.metadata.annotations?.["weft.dev/definition"];
  return digest !== undefined && appliedBy(live, fieldManager) && isWithin(object, live);
}

/** Whether all that `part` says is in `whole`. */
function isWithin(part: unknown, whole: unknown): boolean {
  if (typeof part !== "object" || part === null) return part === whole;
  if (typeof whole !== "object" || whole === null) return false;
  if (Array.isArray(part))
    return Array.isArray(whole) && part.length === whole.length && part.every((v, i) => isWithin(v, whole[i]));
  return Object.entries(part).every(([key, value]) => isWithin(value, (whole as Record<string, unknown>)[key]));
}

/** Whether `weft install` has applied an object before: only then it may change a definition of a kind, which others may rely on. */
export function appliedBy({ metadata }: KubeObject, manager: string): boolean {
  const managed = (metadata["managedFields"] ?? []) as readonly { readonly manager?: string }[];
  return managed.some((entry) => entry.manager === manager);
}

/** Server-side apply of one object. Fields of ours that others set meanwhile become ours again. Throws KubernetesError. */
export async function applyObject(ask: Ask, object: KubeObject, kinds: Kinds, dryRun = false): Promise<Applied> {
  const path = pathOf(object, kinds);
  const before = await find(ask, path);
  // A namespace that is there is the user's: there is nothing in it to apply.
  if (before !== undefined && (object.kind === "Namespace" || isApplied(object, before)))
    return { object, change: "unchanged", before, after: before };
  try {
    const after = await ask<KubeObject>(path, {
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      query: { fieldManager, force: true, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined },
      body: object,
      timeoutMs: applyMs,
    });
    const owned = dryRun ? after : await disowned(ask, path, after);
    return { object, change: changeOf(before, owned), ...(before ? { before } : {}), after: owned };
  } catch (error) {
    if (dryRun && before === undefined && error instanceof KubernetesError && error.code === 404)
      return { object, change: "created" };
    throw error;
  }
}

/** What Helm marks the objects of a release by. An apply of ours leaves it: it is Helm's field. */
const helmMarks = ["meta.helm.sh/release-name", "meta.helm.sh/release-namespace"];

/** An object that was Helm's, and that the user wants to be ours, without Helm's marks. */
async function disowned(ask: Ask, path: string, object: KubeObject): Promise<KubeObject> {
  const { annotations = {} } = object.metadata;
  if (!helmMarks.some((mark) => Object.hasOwn(annotations, mark))) return object;
  return ask<KubeObject>(path, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    query: { fieldManager },
    body: { metadata: { annotations: Object.fromEntries(helmMarks.map((mark) => [mark, null])) } },
    timeoutMs: applyMs,
  });
}

/** An object, or undefined where there is none. Throws KubernetesError for anything else. */
export function find<T = KubeObject>(ask: Ask, path: string): Promise<T | undefined> {
  return orNothing(ask<T>(path));
}

function changeOf(before: KubeObject | undefined, after: KubeObject): Change {
  if (before === undefined) return "created";
  return isDeepStrictEqual(said(before), said(after)) ? "unchanged" : "changed";
}

/** Without what the API server keeps about an object. A dry run leaves these as they were. */
export function said({ metadata, ...rest }: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, generation: ___, ...ours } = metadata;
  return { ...rest, metadata: ours };
}
