import type { Permit, TakenBack } from "../api/actions.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import type { ConfigChange } from "../api/contract/changes.ts";
import type { DeletedObject } from "../api/contract/deleted.ts";
import { refKey } from "../api/findings.ts";
import { kindOf, type Ref } from "../model/resource.ts";
import { shown } from "./overlay-actions.ts";

/** Changes that can be taken back: the latest of them. */
export const usuallyKept = 100;
/** What was deleted is offered for this long, in milliseconds. */
export const binMs = 24 * 60 * 60 * 1000;

/** One object of a change, whatever is kept of it beside. */
export interface RecordedObject {
  readonly ref: Ref;
  readonly outcome: "created" | "configured" | "deleted";
  readonly takenBack: boolean;
}

/** What somebody changed at once, in files or in a cluster. */
export interface RecordedChange<T extends RecordedObject = RecordedObject> {
  /** `c` and a number that grows. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly who: string;
  readonly objects: readonly T[];
}

/** Changes as they are told, in the order that they have. */
export function listed(changes: readonly RecordedChange[]): readonly ConfigChange[] {
  return changes.map(({ id, at, who, objects }) => ({
    ...{ id, at, who, takenBack: objects.every((o) => o.takenBack) },
    objects: objects.map(({ ref, outcome }) => ({ ...ref, kind: kindOf(ref.type), outcome })),
  }));
}

/** Of changes, the latest first: what was deleted within a day and `isGone` still. */
export function deletedIn<T extends RecordedObject>(
  changes: readonly RecordedChange<T>[],
  now: number,
  isGone: (object: T) => boolean,
): readonly DeletedObject[] {
  const seen = new Set<string>();
  return changes.flatMap(({ id, at, who, objects }) =>
    objects.flatMap((object) => {
      const { ref, outcome, takenBack } = object;
      const isLatest = !seen.has(refKey(ref));
      seen.add(refKey(ref));
      if (!isLatest || outcome !== "deleted" || takenBack || at <= now - binMs || !isGone(object)) return [];
      return [{ change: id, at, who, ...ref, kind: kindOf(ref.type), until: at + binMs }];
    }),
  );
}

/** What of a change, or of `only` one object of it, can still be taken back; undefined where nothing of the sort is kept. */
export function meantIn<T extends RecordedObject>(
  changes: readonly RecordedChange<T>[],
  id: string,
  only: Ref | undefined,
): readonly T[] | undefined {
  const objects = changes.find((one) => one.id === id)?.objects;
  const asked = only === undefined ? objects : objects?.filter(({ ref }) => refKey(ref) === refKey(only));
  return asked === undefined || asked.length === 0 ? undefined : asked.filter((o) => !o.takenBack);
}

export const takenBackAlready = { conflict: "it was taken back already" } as const;

const acts = { created: "delete", configured: "update", deleted: "create" } as const;
const undone = { created: "deleted", configured: "configured", deleted: "created" } as const;

/** Why these cannot be taken back by who asks; undefined where they may. */
export async function refusalOf(
  meant: readonly RecordedObject[],
  permit: Permit,
): Promise<Exclude<TakenBack, { readonly objects: unknown }> | undefined> {
  if (meant.length === 0) return takenBackAlready;
  for (const { ref, outcome } of meant) {
    const why = await permit({ what: acts[outcome], ...ref });
    if (why !== undefined) return { forbidden: why };
  }
  return undefined;
}

/** A change with those of its objects marked that are as they were before. */
export function markedBack<T extends RecordedObject, C extends RecordedChange<T>>(change: C, refs: readonly Ref[]): C {
  const keys = new Set(refs.map(refKey));
  const objects = change.objects.map((o) => (keys.has(refKey(o.ref)) ? { ...o, takenBack: true } : o));
  return { ...change, objects };
}

/** What became of an object that was put back. */
export function undoneOf({ ref, outcome }: RecordedObject): AppliedObject {
  return { name: shown(ref), namespace: ref.namespace, outcome: undone[outcome], diagnostics: [] };
}

/** Why something cannot be put back that somebody changed. */
export function movedWords({ type, name }: Ref): string {
  return `${kindOf(type)} ${name} was changed again since`;
}
