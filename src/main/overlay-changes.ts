import { judge } from "../analysis/judge.ts";
import type { ChangeOptions, MeshActions } from "../api/actions.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Ref } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import type { Log } from "../std/log.ts";
import { Journal } from "./journal.ts";
import { applyText, isRead, type OverlayOptions, removeText } from "./overlay-actions.ts";

type Actions = Pick<MeshActions, "apply" | "remove" | "settled" | "changes" | "deleted" | "takeBack">;

export interface OverlayChangesOptions {
  /** The overlay's folder. */
  readonly folder: string;
  /** Where changes are kept, so that they can be taken back after a restart, too. */
  readonly changes: string;
  readonly now: () => number;
  readonly log: Log;
}

/** `weft apply` and `weft delete`, into an overlay of our own; what they did can be taken back. */
export function overlayChanges(discovery: Discovery, { folder, changes, now, log }: OverlayChangesOptions): Actions {
  const unread = new Unread();
  const snapshot = () => discovery.snapshot;
  const overlay: OverlayOptions = {
    folder,
    validate: judge,
    snapshot,
    written: (ref, text) => unread.add(snapshot, ref, text),
    isUnread: (ref) => unread.has(ref),
  };
  const journal = new Journal({
    ...{ folder, changes, now },
    complain: (error) => log.warn("a change is not kept on disk", { error: String(error) }),
    restored: (ref, { text, hidden }) => unread.back(snapshot, ref, hidden ? undefined : text, hidden),
  });
  const kept = async (how: ChangeOptions, run: (overlay: OverlayOptions) => Promise<readonly AppliedObject[]>) => {
    const { objects, id } = await journal.record(how.caller?.name ?? "somebody", (touch) => run({ ...overlay, touch }));
    if (id !== undefined) how.kept?.(id);
    return objects;
  };
  return {
    apply: (text, how) => kept(how, (options) => applyText(options, text, how)),
    remove: (text, how) => kept(how, (options) => removeText(options, text, how)),
    settled: (signal) => unread.settled(discovery, signal),
    changes: () => journal.list(),
    deleted: () => journal.deleted(),
    takeBack: (id, permit, only) => journal.takeBack(id, permit, only),
  };
}

/** What `apply` and `delete` wrote and the sources have not told of yet. */
class Unread {
  readonly #expected = new Map<string, () => boolean>();

  add(snapshot: () => Snapshot, ref: Ref, text: string | undefined): void {
    const before = get(snapshot(), ref);
    this.#expected.set(keyOf(ref), () => isRead(get(snapshot(), ref), before, text));
  }

  /** The same of an object that is put back: where the overlay says nothing of it any more, a folder's own comes or goes. */
  back(snapshot: () => Snapshot, ref: Ref, text: string | undefined, hidden: boolean): void {
    const before = get(snapshot(), ref);
    const isBack = () =>
      text === undefined && !hidden ? get(snapshot(), ref) !== before : isRead(get(snapshot(), ref), before, text);
    this.#expected.set(keyOf(ref), isBack);
  }

  has(ref: Ref): boolean {
    return this.#expected.get(keyOf(ref))?.() === false;
  }

  /** Resolves when all of it was read, or the signal aborts. */
  settled(discovery: Discovery, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        for (const [key, read] of this.#expected) if (read()) this.#expected.delete(key);
        if (this.#expected.size > 0 && !signal.aborted) return;
        stop();
        resolve();
      };
      const stop = discovery.onChange(look);
      signal.addEventListener("abort", look);
      look();
    });
  }
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type}/${namespace}/${name}`;
}
