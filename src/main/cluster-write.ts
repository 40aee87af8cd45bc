import { isDeepStrictEqual } from "node:util";
import type { AppliedObject, WriteConflict } from "../api/contract/apply.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";
import { kept, type Managed } from "../kubernetes/managed-fields.ts";
import { mergePatch } from "../kubernetes/merge-patch.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { typeOf } from "../model/resource.ts";
import { trimAnnotations } from "../sources/kubernetes/trim.ts";
import { liveBasis, liveYaml, saidIn } from "./cluster-object.ts";

/** Who manages, in the API server's books, what is written here. */
export const fieldManager = "weft-console";
/** An object that others write at the same moment is written again so often. */
const tries = 4;

export interface WriteOptions {
  readonly dryRun: boolean;
  /** What it said when it was seen; absent: it was not looked at. */
  readonly basis: string | undefined;
  readonly force: boolean;
}

/** What came of a write, as far as the API server can say. */
export interface Written {
  readonly outcome: Exclude<AppliedObject["outcome"], "refused">;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
  readonly warnings: readonly string[];
}

export type WriteAnswer = Written | { readonly conflict: WriteConflict; readonly warnings: readonly string[] };

/** Writes an object as whom the client asks: a dry run first, by which every conflict is known before anything is written. Throws KubernetesError. */
export function writeObject(
  client: KubernetesClient,
  path: string,
  wanted: KubernetesObject,
  options: WriteOptions,
): Promise<WriteAnswer> {
  return again(() => writeOnce(client, path, wanted, options));
}

/** Somebody may write in between, its status perhaps: then it is looked at anew. */
async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof KubernetesError) || !isOutdated(error) || left <= 1) throw error;
    }
  }
}

async function writeOnce(
  client: KubernetesClient,
  path: string,
  wanted: KubernetesObject,
  { dryRun, basis, force }: WriteOptions,
): Promise<WriteAnswer> {
  const before = await orNothing(client.ask<KubernetesObject>(path));
  if (basis !== undefined && (before === undefined || liveBasis(before) !== basis))
    return { conflict: changed(before), warnings: [] };
  const warnings = new Set<string>();
  const apply = applying(client, path, { wanted, before, onWarning: (words) => void warnings.add(words) });
  const looked = await look(apply, force);
  if ("others" in looked) return { conflict: managed(looked.others), warnings: [...warnings] };
  const left = before === undefined ? [] : kept(ruled(before), ruled(wanted), looked.object, fieldManager);
  const theirs = left.filter(({ manager }) => manager !== fieldManager);
  if (theirs.length > 0 && !force) return { conflict: managed(theirs), warnings: [...warnings] };
  const told = { ...(before ? { before } : {}), warnings: [...warnings] };
  if (before !== undefined && left.length === 0 && isDeepStrictEqual(saidIn(before), saidIn(looked.object)))
    return { outcome: "unchanged", ...told, after: before };
  const outcome = before === undefined ? "created" : "configured";
  if (dryRun) return { outcome, ...told, after: looked.object };
  const applied = await apply(false, looked.forced);
  if (left.length === 0) return { outcome, ...told, after: applied };
  const rest = removal(applied, wanted, left);
  return { outcome, ...told, after: await patchObject(client, path, rest, applied.metadata.resourceVersion) };
}

type Apply = (dryRun: boolean, force: boolean) => Promise<KubernetesObject>;

/** Server-side apply onto the version that was looked at. */
function applying(
  client: KubernetesClient,
  path: string,
  {
    wanted,
    before,
    onWarning,
  }: {
    readonly wanted: KubernetesObject;
    readonly before: KubernetesObject | undefined;
    readonly onWarning: (words: string) => void;
  },
): Apply {
  const resourceVersion = before?.metadata.resourceVersion;
  const metadata = { ...wanted.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return (dryRun, force) =>
    client.ask<KubernetesObject>(path, {
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      query: { fieldManager, force, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined },
      body: { ...wanted, metadata },
      onWarning,
    });
}

/** What an apply would make of the object, or who else manages what it sets. What was put back here is ours, under another operation: it is taken. */
async function look(
  apply: Apply,
  force: boolean,
): Promise<{ readonly object: KubernetesObject; readonly forced: boolean } | { readonly others: readonly Managed[] }> {
  try {
    return { object: await apply(true, force), forced: force };
  } catch (error) {
    const fields = managersIn(error);
    if (fields === undefined) throw error;
    const others = fields.filter(({ manager }) => manager !== fieldManager);
    return others.length > 0 ? { others } : { object: await apply(true, true), forced: true };
  }
}

/** The merge patch that takes away what is left of what was to go. */
function removal(applied: KubernetesObject, wanted: KubernetesObject, left: readonly Managed[]): object {
  const { metadata: _, ...is } = saidIn(applied);
  const { metadata: __, ...want } = wanted;
  const gone = (part: "labels" | "annotations") => {
    const prefix = `.metadata.${part}.`;
    const keys = left.flatMap(({ field }) => (field.startsWith(prefix) ? [field.slice(prefix.length)] : []));
    return keys.length === 0 ? {} : { [part]: Object.fromEntries(keys.map((key) => [key, null])) };
  };
  return { ...(mergePatch(is, want) as object | undefined), metadata: { ...gone("labels"), ...gone("annotations") } };
}

/** A merge patch of an object of that version. Throws KubernetesError. */
export function patchObject(
  client: KubernetesClient,
  path: string,
  patch: unknown,
  version: string | undefined,
  dryRun = false,
): Promise<KubernetesObject> {
  const { metadata = {}, ...rest } = patch as { readonly metadata?: object };
  return client.ask<KubernetesObject>(path, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    query: { fieldManager, dryRun: dryRun ? "All" : undefined },
    body: { ...rest, metadata: { ...metadata, ...(version === undefined ? {} : { resourceVersion: version }) } },
  });
}

/** Takes an object away, if it is still what was seen. Throws KubernetesError. */
export function deleteObject(
  client: KubernetesClient,
  path: string,
  { dryRun, basis }: Omit<WriteOptions, "force">,
): Promise<WriteAnswer> {
  return again(async () => {
    const before = await orNothing(client.ask<KubernetesObject>(path));
    if (before === undefined) return { outcome: "not found", warnings: [] };
    if (basis !== undefined && liveBasis(before) !== basis) return { conflict: changed(before), warnings: [] };
    const warnings: string[] = [];
    const { uid, resourceVersion } = before.metadata;
    await client.ask(path, {
      method: "DELETE",
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { uid, resourceVersion },
        ...(dryRun ? { dryRun: ["All"] } : {}),
      },
      onWarning: (words) => warnings.push(words),
    });
    return { outcome: "deleted", before, warnings };
  });
}

/** What an editor shows of an object, and so what can be missing in what comes back: all but its status, who it is, and annotations that are not read. */
function ruled(object: KubernetesObject): KubernetesObject {
  const { metadata, ...rest } = saidIn(object);
  const { name, labels = {}, annotations = {} } = metadata;
  const type = typeOf(object.apiVersion ?? "", object.kind ?? "");
  const read = trimAnnotations(type, annotations as Readonly<Record<string, unknown>>);
  return { ...rest, metadata: { name, labels, annotations: read } };
}

function isOutdated({ code, causes }: KubernetesError): boolean {
  return code === 409 && causes.length === 0;
}

function managersIn(error: unknown): readonly Managed[] | undefined {
  if (!(error instanceof KubernetesError) || error.code !== 409) return undefined;
  const found = error.causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => ({ manager: /"([^"]*)"/.exec(message)?.[1] ?? "somebody", field }));
  return found.length === 0 ? undefined : found;
}

function managed(fields: readonly Managed[]): WriteConflict {
  const by = Map.groupBy(fields, ({ manager }) => manager);
  return {
    kind: "managed",
    by: [...by].map(([manager, all]) => ({ manager, fields: [...new Set(all.map(({ field }) => field))] })),
  };
}

function changed(now: KubernetesObject | undefined): WriteConflict {
  const yaml = now && liveYaml(now);
  return {
    kind: "changed",
    ...(now === undefined || yaml === undefined ? {} : { theirs: { yaml, basis: liveBasis(now) } }),
  };
}
