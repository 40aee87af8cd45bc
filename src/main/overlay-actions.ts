import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { Permit } from "../api/actions.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import { findingsOf } from "../api/findings.ts";
import type { Change } from "../api/who/caller.ts";
import { folderAnnotation } from "../host/workload.ts";
import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { kindOf, type Ref, type Resource } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { deleteInOverlay, writeOverlay } from "../sources/overlay.ts";
import { parseText, type Validate } from "../sources/text/text.ts";
import { same } from "../track/same.ts";

/** What changes the overlay of a mesh of files. */
export interface OverlayOptions {
  readonly folder: string;
  readonly validate: Validate;
  readonly snapshot: () => Snapshot;
  /** Told of each object that was written (with its text) or taken out. */
  readonly written: (ref: Ref, text: string | undefined) => void;
  /** Told of each object before it is written or taken out. */
  readonly touch?: (ref: Ref) => void;
  /** Whether something was written of it that the snapshot does not have yet. */
  readonly isUnread: (ref: Ref) => boolean;
}

/** Whether what was written is read: `now` against what was there `before`. Where an overlay's object goes, a folder's own may come back. */
export function isRead(now: Resource | undefined, before: Resource | undefined, text: string | undefined): boolean {
  return text === undefined ? now === undefined || now !== before : now?.origin.text?.().trim() === text.trim();
}

/**
 * Objects of a text into the overlay; those with errors are refused alone. `folder`: where the text's file lies; what runs here is started
 * from there, as its command is relative to its file.
 */
export async function applyText(
  options: OverlayOptions,
  text: string,
  { dryRun, permit, folder }: { readonly dryRun: boolean; readonly permit: Permit; readonly folder?: string },
): Promise<readonly AppliedObject[]> {
  const { resources, diagnostics } = parseText("", text, options.validate);
  const isThere = (ref: Ref) => get(options.snapshot(), ref) !== undefined || options.isUnread(ref);
  const forbidden = await refusedTo(resources, permit, (ref) => (isThere(ref) ? "update" : "create"));
  const snapshot = options.snapshot();
  const told = resources.map((resource) => {
    const why = forbidden.get(resource);
    if (why !== undefined) return forbid(resource, why, snapshot);
    const before = get(snapshot, resource);
    const isCurrent = before !== undefined && !options.isUnread(resource) && isUnchanged(before, resource);
    const outcome = before === undefined ? "created" : isCurrent ? "unchanged" : "configured";
    if (!dryRun && outcome !== "unchanged") {
      const text = withFolder(resource, folder ?? (before && folderOf(before)));
      options.touch?.(resource);
      writeOverlay(options.folder, resource, text);
      options.written(resource, text);
    }
    return applied(resource, outcome, diagnostics, snapshot);
  });
  return [...told, ...refusals(resources, diagnostics, snapshot)];
}

/** Takes the objects that a text names out of the mesh. */
export async function removeText(
  options: OverlayOptions,
  text: string,
  { dryRun, permit }: { readonly dryRun: boolean; readonly permit: Permit },
): Promise<readonly AppliedObject[]> {
  const { resources, diagnostics } = parseText("", text);
  const forbidden = await refusedTo(resources, permit, () => "delete");
  const snapshot = options.snapshot();
  const told = resources.map((resource) => {
    const why = forbidden.get(resource);
    if (why !== undefined) return forbid(resource, why, snapshot);
    const before = get(snapshot, resource);
    const isThere = before !== undefined || options.isUnread(resource);
    if (isThere && !dryRun) {
      const hide = before !== undefined && !before.origin.file.startsWith(options.folder);
      options.touch?.(resource);
      deleteInOverlay(options.folder, resource, hide);
      options.written(resource, undefined);
    }
    return applied(resource, isThere ? "deleted" : "not found", [], snapshot);
  });
  return [...told, ...refusals(resources, diagnostics, snapshot)];
}

/** Objects that whoever asks may not change, and why. */
async function refusedTo(
  resources: readonly Resource[],
  permit: Permit,
  what: (ref: Ref) => Change["what"],
): Promise<ReadonlyMap<Resource, string>> {
  const answers = await Promise.all(
    resources.map(async (resource) => {
      const { type, namespace, name } = resource;
      return [resource, await permit({ what: what(resource), type, namespace, name })] as const;
    }),
  );
  return new Map(answers.flatMap(([resource, why]) => (why === undefined ? [] : [[resource, why] as const])));
}

function forbid(resource: Resource, message: string, snapshot: Snapshot): AppliedObject {
  const fix = "ask whoever runs this mesh for the right";
  const finding = { code: codes.forbidden, level: "Error", about: resource, message, fix } as const;
  return { ...applied(resource, "refused", [finding], snapshot), forbidden: true };
}

/** Where what runs here is started from, as `weft get -o yaml | weft apply -f -` must not change it. */
function folderOf(before: Resource): string {
  return before.annotations[folderAnnotation] ?? resolve(dirname(before.origin.file));
}

/** The object's own text; of what runs here, with the folder that it runs in, unless it says one itself. */
function withFolder(resource: Resource, folder: string | undefined): string {
  const text = resource.origin.text?.();
  if (text === undefined) throw new Error(`${resource.origin.at}: the object has no text to write`);
  if (folder === undefined || resource.type !== types.Deployment || folderAnnotation in resource.annotations)
    return text;
  const document = parseDocument(text);
  document.setIn(["metadata", "annotations", folderAnnotation], folder);
  return document.toString();
}

/** Whether two texts of an object say the same, wherever they lie. */
export function isUnchanged(before: Resource, after: Resource): boolean {
  const plain = ({ spec, labels, annotations, data }: Resource) => {
    const { [folderAnnotation]: _, ...said } = annotations;
    return JSON.parse(JSON.stringify([spec, labels, said, data ?? null])) as unknown;
  };
  return same(plain(before), plain(after));
}

/** What came of an object, with what was found about it. */
export function applied(
  ref: Resource,
  outcome: AppliedObject["outcome"],
  diagnostics: readonly Diagnostic[],
  snapshot: Snapshot,
): AppliedObject {
  return {
    name: shown(ref),
    namespace: ref.namespace,
    outcome,
    diagnostics: findingsOf(
      diagnostics.filter((d) => d.about && isSame(d.about, ref)),
      snapshot,
    ),
  };
}

/** What was refused, object by object; a text that is no object stands for itself. */
export function refusals(
  taken: readonly Resource[],
  diagnostics: readonly Diagnostic[],
  snapshot: Snapshot,
): readonly AppliedObject[] {
  const bad = diagnostics.filter((d) => d.level === "Error" && !taken.some((r) => d.about && isSame(d.about, r)));
  const groups = new Map<string, Diagnostic[]>();
  for (const d of bad) {
    const key = d.about ? `${d.about.type}/${d.about.namespace}/${d.about.name}` : `${d.position?.line ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), d]);
  }
  return [...groups.values()].map((group) => {
    const about = group[0]?.about;
    const name = about ? shown(about) : `line ${group[0]?.position?.line ?? 1}`;
    return { name, namespace: about?.namespace ?? "", outcome: "refused", diagnostics: findingsOf(group, snapshot) };
  });
}

function isSame(a: Ref, b: Ref): boolean {
  return a.type === b.type && a.namespace === b.namespace && a.name === b.name;
}

/** `virtualservice.networking.istio.io/reviews`, as kubectl writes it. */
export function shown(ref: Ref): string {
  const kind = kindOf(ref.type);
  return `${kind.toLowerCase()}${ref.type.slice(kind.length)}/${ref.name}`;
}
