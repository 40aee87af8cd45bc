import type { Permit, TakenBack } from "../api/actions.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import type { ConfigChange } from "../api/contract/changes.ts";
import type { DeletedObject } from "../api/contract/deleted.ts";
import { refKey } from "../api/findings.ts";
import type { Ref } from "../model/resource.ts";
import { type OverlayState, overlayState, restoreOverlay } from "../sources/overlay.ts";
import {
  forgetChange,
  type KeptChange,
  type KeptObject,
  lastNumber,
  readChanges,
  writeChange,
} from "./journal-folder.ts";
import { shown } from "./overlay-actions.ts";
import {
  binMs,
  deletedIn,
  listed,
  markedBack,
  meantIn,
  movedWords,
  refusalOf,
  takenBackAlready,
  undoneOf,
  usuallyKept,
} from "./recorded-changes.ts";

/** The latest changes are kept, and those that deleted something lately, up to so many altogether, ... */
const mostKept = 1000;
/** ... with so many characters of objects. */
const mostText = 16 * 1024 * 1024;

export interface JournalOptions {
  /** The overlay's folder. */
  readonly folder: string;
  /** Where changes are kept, a file each. */
  readonly changes: string;
  readonly now: () => number;
  /** Told of each object that is put back; `isThere`: whether the overlay or a folder has it again. */
  readonly restored: (ref: Ref, state: OverlayState) => void;
  /** Told where a change could not be kept on disk: it can be taken back until the control plane ends. */
  readonly complain: (error: unknown) => void;
}

/** What was changed in the overlay, and how it was before; on disk, so that a restart forgets nothing. */
export class Journal {
  readonly #options: JournalOptions;
  #kept: readonly KeptChange[];
  #count: number;

  constructor(options: JournalOptions) {
    this.#options = options;
    const read = this.#onDisk(() => ({
      kept: readChanges(options.changes),
      count: lastNumber(options.changes),
    }));
    this.#kept = this.#bounded(read?.kept ?? []);
    this.#count = read?.count ?? 0;
  }

  /** Runs a change; `touch` is to be told of each object before it is written. Answers what came of it, and how to name it later. */
  async record(
    who: string,
    change: (touch: (ref: Ref) => void) => Promise<readonly AppliedObject[]>,
  ): Promise<{ readonly objects: readonly AppliedObject[]; readonly id?: string }> {
    const touched = new Map<string, { readonly ref: Ref; readonly before: OverlayState }>();
    const objects = await change((ref) => {
      const { type, namespace, name } = ref;
      const key = refKey(ref);
      if (!touched.has(key))
        touched.set(key, { ref: { type, namespace, name }, before: overlayState(this.#options.folder, ref) });
    });
    const changed = [...touched.values()].flatMap(({ ref, before }) => {
      const outcome = objects.find((o) => isOf(o, ref))?.outcome;
      if (outcome !== "created" && outcome !== "configured" && outcome !== "deleted") return [];
      return [{ ref, before, after: overlayState(this.#options.folder, ref), outcome, takenBack: false }];
    });
    if (changed.length === 0) return { objects };
    const id = `c${++this.#count}`;
    const kept = { id, at: this.#options.now(), who, objects: changed };
    this.#onDisk(() => writeChange(this.#options.changes, kept));
    this.#kept = this.#bounded([kept, ...this.#kept]);
    return { objects, id };
  }

  /** The latest first. */
  list(): readonly ConfigChange[] {
    return listed(this.#kept.slice(0, usuallyKept));
  }

  /** What was deleted within a day and is gone as it was left then, the latest first. */
  deleted(): readonly DeletedObject[] {
    const { folder, now } = this.#options;
    return deletedIn(this.#kept, now(), ({ ref, after }) => isSame(overlayState(folder, ref), after));
  }

  /**
   * Puts everything that a change touched back as it was, or `only` one object of it; nothing where one of them was changed again, or may not
   * be. Undefined for a change that is not kept.
   */
  async takeBack(id: string, permit: Permit, only?: Ref): Promise<TakenBack | undefined> {
    const meant = meantIn(this.#kept, id, only);
    if (meant === undefined) return undefined;
    const refused = await refusalOf(meant, permit);
    if (refused !== undefined) return refused;
    // Another may have taken it back while it was asked who may.
    if (meantIn(this.#kept, id, only)?.length !== meant.length) return takenBackAlready;
    const { folder } = this.#options;
    const moved = meant.find(({ ref, after }) => !isSame(overlayState(folder, ref), after));
    if (moved) return { conflict: movedWords(moved.ref) };
    for (const { ref, before } of meant) {
      restoreOverlay(folder, ref, before);
      this.#options.restored(ref, before);
    }
    this.#kept = this.#kept.map((change) => {
      if (change.id !== id) return change;
      const marked = markedBack<KeptObject, KeptChange>(
        change,
        meant.map(({ ref }) => ref),
      );
      this.#onDisk(() => writeChange(this.#options.changes, marked));
      return marked;
    });
    return { objects: meant.map(undoneOf) };
  }

  /** Those of `all` (the latest first) that are kept; the files of the others go. */
  #bounded(all: readonly KeptChange[]): readonly KeptChange[] {
    const since = this.#options.now() - binMs;
    let left = mostText;
    let free = mostKept;
    const kept = all.filter((change, place) => {
      if (place >= usuallyKept && !(change.at > since && change.objects.some((o) => o.outcome === "deleted")))
        return false;
      left -= textOf(change);
      free -= 1;
      return left >= 0 && free >= 0;
    });
    const ids = new Set(kept.map(({ id }) => id));
    for (const { id } of all) if (!ids.has(id)) this.#onDisk(() => forgetChange(this.#options.changes, id));
    return kept;
  }

  /** A disk that is full or broken must not keep anybody from changing the mesh. */
  #onDisk<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.complain(error);
      return undefined;
    }
  }
}

function textOf({ objects }: KeptChange): number {
  return objects.reduce((sum, { before, after }) => sum + (before.text?.length ?? 0) + (after.text?.length ?? 0), 0);
}

function isSame(a: OverlayState, b: OverlayState): boolean {
  return a.text === b.text && a.hidden === b.hidden;
}

function isOf({ name, namespace }: AppliedObject, ref: Ref): boolean {
  return namespace === ref.namespace && name === shown(ref);
}
