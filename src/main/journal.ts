import type { Permit, TakenBack } from "../api/actions.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import type { ConfigChange } from "../api/contract/changes.ts";
import { kindOf, type Ref } from "../model/resource.ts";
import { type OverlayState, overlayState, restoreOverlay } from "../sources/overlay.ts";

/** Changes that can be taken back: the latest of them. */
const mostKept = 100;
/** Characters of their texts together. */
const mostText = 16 * 1024 * 1024;

interface Kept {
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly objects: readonly KeptObject[];
  takenBack: boolean;
}

interface KeptObject {
  readonly ref: Ref;
  readonly before: OverlayState;
  readonly after: OverlayState;
  readonly outcome: "created" | "configured" | "deleted";
}

export interface JournalOptions {
  /** The overlay's folder. */
  readonly folder: string;
  readonly now: () => number;
  /** Told of each object that is put back; `isThere`: whether the overlay or a folder has it again. */
  readonly restored: (ref: Ref, state: OverlayState) => void;
}

/** What was changed in the overlay since the control plane began, and how it was before. */
export class Journal {
  readonly #options: JournalOptions;
  #kept: readonly Kept[] = [];
  #count = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Runs a change; `touch` is to be told of each object before it is written. Answers what came of it, and how to name it later. */
  async record(
    who: string,
    change: (touch: (ref: Ref) => void) => Promise<readonly AppliedObject[]>,
  ): Promise<{ readonly objects: readonly AppliedObject[]; readonly id?: string }> {
    const touched = new Map<string, { readonly ref: Ref; readonly before: OverlayState }>();
    const objects = await change((ref) => {
      const { type, namespace, name } = ref;
      const key = `${type}/${namespace}/${name}`;
      if (!touched.has(key))
        touched.set(key, { ref: { type, namespace, name }, before: overlayState(this.#options.folder, ref) });
    });
    const changed = [...touched.values()].flatMap(({ ref, before }) => {
      const outcome = objects.find((o) => isOf(o, ref))?.outcome;
      if (outcome !== "created" && outcome !== "configured" && outcome !== "deleted") return [];
      return [{ ref, before, after: overlayState(this.#options.folder, ref), outcome }];
    });
    if (changed.length === 0) return { objects };
    const id = `c${++this.#count}`;
    this.#keep({ id, at: this.#options.now(), who, objects: changed, takenBack: false });
    return { objects, id };
  }

  /** The latest first. */
  list(): readonly ConfigChange[] {
    return this.#kept.map(({ id, at, who, objects, takenBack }) => ({
      ...{ id, at, who, takenBack },
      objects: objects.map(({ ref, outcome }) => ({ ...ref, kind: kindOf(ref.type), outcome })),
    }));
  }

  /** Puts everything that a change touched back as it was; nothing where one of the objects was changed again, or may not be. */
  async takeBack(id: string, permit: Permit): Promise<TakenBack | undefined> {
    const kept = this.#kept.find((one) => one.id === id);
    if (kept === undefined) return undefined;
    if (kept.takenBack) return { conflict: "it was taken back already" };
    for (const { ref, outcome } of kept.objects) {
      const why = await permit({ what: acts[outcome], ...ref });
      if (why !== undefined) return { forbidden: why };
    }
    const { folder } = this.#options;
    const moved = kept.objects.find(({ ref, after }) => !isSame(overlayState(folder, ref), after));
    if (moved) return { conflict: `${kindOf(moved.ref.type)} ${moved.ref.name} was changed again since` };
    for (const { ref, before } of kept.objects) {
      restoreOverlay(folder, ref, before);
      this.#options.restored(ref, before);
    }
    kept.takenBack = true;
    return {
      objects: kept.objects.map(({ ref, outcome }) => ({
        name: nameOf(ref),
        namespace: ref.namespace,
        outcome: undone[outcome],
        diagnostics: [],
      })),
    };
  }

  #keep(one: Kept): void {
    const all = [one, ...this.#kept].slice(0, mostKept);
    let left = mostText;
    this.#kept = all.filter(({ objects }) => {
      left -= objects.reduce(
        (sum, { before, after }) => sum + (before.text?.length ?? 0) + (after.text?.length ?? 0),
        0,
      );
      return left >= 0;
    });
  }
}

const acts = { created: "delete", configured: "update", deleted: "create" } as const;
const undone = { created: "deleted", configured: "configured", deleted: "created" } as const;

function isSame(a: OverlayState, b: OverlayState): boolean {
  return a.text === b.text && a.hidden === b.hidden;
}

function isOf({ name, namespace }: AppliedObject, ref: Ref): boolean {
  return namespace === ref.namespace && name === nameOf(ref);
}

/** `virtualservice.networking.istio.io/reviews`, as kubectl writes it. */
function nameOf(ref: Ref): string {
  const kind = kindOf(ref.type);
  return `${kind.toLowerCase()}${ref.type.slice(kind.length)}/${ref.name}`;
}
