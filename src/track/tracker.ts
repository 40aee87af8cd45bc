import type { Resource } from "../model/resource.ts";
import type { Snapshot } from "../model/snapshot.ts";
import * as snapshots from "../model/snapshot.ts";
import { changedReads } from "./changed-reads.ts";
import { same } from "./same.ts";
import type { Scope, Step } from "./scope.ts";

/** Something that was read: a part of the snapshot or another step's answer. */
interface Node {
  /** When its value last changed, by the tracker's own count. */
  changedAt: number;
  readonly readers: Set<Memo>;
  drop(): void;
}

interface Input extends Node {
  read(snapshot: Snapshot): unknown;
  value: unknown;
}

const clean = 0; // the answer holds
const check = 1; // something below may have changed
const dirty = 2; // something read has changed

interface Memo extends Node {
  readonly step: Step<unknown>;
  readonly key: string;
  value: unknown;
  state: typeof clean | typeof check | typeof dirty;
  reads: Node[];
  running: boolean;
  root: boolean;
  verifiedAt: number;
}

/**
 * Recomputes a step only if something that it read has changed: a change marks what depends on it, an ask verifies the marked ones in the
 * order of their reads, and an equal answer stops the wave. A memo that nobody reads any more is dropped.
 */
export class Tracker {
  #snapshot: Snapshot;
  readonly #memos = new Map<Step<unknown>, Map<string, Memo>>();
  /** By the type of objects that they read: a change of another type leaves them alone. */
  readonly #inputs = new Map<string, Map<string, Input>>();
  /** Counts changes of values. A snapshot's revision would not tell a change from a look before it at the same snapshot. */
  #now = 0;
  /** Steps that answer early and must, before anybody asks; and when their answers had last changed, as another one's answer may ask for theirs first. */
  readonly #early: { readonly memo: Memo; readonly before: number }[] = [];
  /** How many times a step ran, for tests and figures. */
  runs = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** How many answers are kept. */
  get size(): number {
    let size = 0;
    for (const byKey of this.#memos.values()) size += byKey.size;
    return size;
  }

  /** Goes on to another snapshot, marking what may have changed. Costs what changed, and a look at the list that it is in. */
  advance(next: Snapshot): void {
    const before = this.#snapshot;
    this.#snapshot = { revision: before.revision + 1, objects: next.objects };
    for (const [type, inputs] of this.#inputs) {
      for (const key of changedReads(before.objects.get(type), next.objects.get(type))) {
        const input = inputs.get(key);
        if (input !== undefined) this.#reread(input);
      }
    }
    for (let turn = this.#early.pop(); turn !== undefined; turn = this.#early.pop())
      this.#answer(turn.memo, turn.before);
  }

  #reread(input: Input): void {
    const value = input.read(this.#snapshot);
    if (value === input.value || same(value, input.value)) return;
    input.value = value;
    input.changedAt = ++this.#now;
    for (const reader of input.readers) this.#mark(reader, dirty);
  }

  #mark(memo: Memo, state: typeof check | typeof dirty): void {
    if (memo.state >= state) return;
    const wasClean = memo.state === clean;
    memo.state = state;
    if (!wasClean) return;
    if (memo.step.early) this.#early.push({ memo, before: memo.changedAt });
    else for (const reader of memo.readers) this.#mark(reader, check);
  }

  /** Its readers hear of it only if the answer is another, or if there is none. */
  #answer(memo: Memo, before: number): void {
    try {
      if (memo.readers.size > 0 || memo.root) this.#refresh(memo);
      if (memo.changedAt === before && memo.state === clean) return;
    } catch {
      // Whoever asks will hear why.
    }
    for (const reader of memo.readers) this.#mark(reader, check);
  }

  /** The answer of a step; it and all that it read are kept until `release`. */
  ask<T>(step: Step<T>, key: string): T {
    const memo = this.#memo(step as Step<unknown>, key);
    memo.root = true;
    return this.#refresh(memo).value as T;
  }

  /** The caller needs this answer no longer. */
  release<T>(step: Step<T>, key: string): void {
    const memo = this.#memos.get(step as Step<unknown>)?.get(key);
    if (memo === undefined) return;
    memo.root = false;
    this.#sweep([memo]);
  }

  #refresh(memo: Memo): Memo {
    if (memo.running) throw new Error(`step ${memo.step.name}(${memo.key}) asks for itself`);
    if (memo.state === clean) return memo;
    if (memo.state === check && !this.#readsChanged(memo)) memo.state = clean;
    if (memo.state !== clean) this.#run(memo);
    memo.verifiedAt = this.#now;
    return memo;
  }

  #memo(step: Step<unknown>, key: string): Memo {
    let byKey = this.#memos.get(step);
    if (byKey === undefined) {
      byKey = new Map();
      this.#memos.set(step, byKey);
    }
    const found = byKey.get(key);
    if (found !== undefined) return found;
    const drop = () => byKey.delete(key);
    const memo: Memo = {
      step,
      key,
      value: undefined,
      state: dirty,
      reads: [],
      running: false,
      root: false,
      verifiedAt: -1,
      changedAt: -1,
      readers: new Set(),
      drop,
    };
    byKey.set(key, memo);
    return memo;
  }

  #readsChanged(memo: Memo): boolean {
    for (const read of memo.reads) {
      // By itself, not by its name: a step may read thousands.
      if ("step" in read && (read as Memo).state !== clean) this.#refresh(read as Memo);
      if (read.changedAt > memo.verifiedAt) return true;
    }
    return false;
  }

  #run(memo: Memo): void {
    const reads = new Set<Node>();
    const before = memo.reads;
    const first = memo.verifiedAt < 0;
    memo.running = true;
    let fresh: unknown;
    try {
      fresh = memo.step.run(this.#scope(memo, reads), memo.key);
    } catch (error) {
      memo.reads = [...new Set([...before, ...reads])];
      throw error;
    } finally {
      memo.running = false;
    }
    this.runs++;
    memo.reads = [...reads];
    const gone = before.filter((read) => !reads.has(read));
    for (const read of gone) read.readers.delete(memo);
    this.#sweep(gone);
    memo.state = clean;
    if (first || !(memo.step.same ?? same)(memo.value, fresh)) {
      memo.value = fresh;
      memo.changedAt = ++this.#now;
    }
  }

  #scope(memo: Memo, reads: Set<Node>): Scope {
    // A reader is known from the read on: another step that stops reading the same thing meanwhile must not drop it.
    const note = (node: Node) => {
      reads.add(node);
      node.readers.add(memo);
    };
    const input = (type: string, key: string, read: (s: Snapshot) => unknown) => {
      const node = this.#input(type, key, read);
      note(node);
      return node.value;
    };
    return {
      list: <S>(type: string, namespace: string) =>
        input(type, `list\0${namespace}`, (s) => snapshots.list(s, type, namespace)) as readonly Resource<S>[],
      names: (type, namespace) =>
        input(type, `names\0${namespace}`, (s) =>
          snapshots.list(s, type, namespace).map((resource) => resource.name),
        ) as readonly string[],
      namespaces: (type) =>
        input(type, "namespaces", (s) => [...(s.objects.get(type)?.keys() ?? [])].sort()) as readonly string[],
      get: <S>(ref: { type: string; namespace: string; name: string }) =>
        input(ref.type, `get\0${ref.namespace}\0${ref.name}`, (s) => snapshots.get(s, ref)) as Resource<S> | undefined,
      ask: <T>(step: Step<T>, key: string) => {
        const read = this.#refresh(this.#memo(step as Step<unknown>, key));
        note(read);
        return read.value as T;
      },
    };
  }

  #input(type: string, key: string, read: (s: Snapshot) => unknown): Input {
    let byKey = this.#inputs.get(type);
    if (byKey === undefined) {
      byKey = new Map();
      this.#inputs.set(type, byKey);
    }
    const found = byKey.get(key);
    if (found !== undefined) return found;
    const drop = () => byKey.delete(key);
    const input: Input = {
      read,
      value: read(this.#snapshot),
      changedAt: ++this.#now,
      readers: new Set(),
      drop,
    };
    byKey.set(key, input);
    return input;
  }

  #sweep(candidates: readonly Node[]): void {
    const queue = [...candidates];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      if (node.readers.size > 0 || ("root" in node && ((node as Memo).root || (node as Memo).running))) continue;
      node.drop();
      if (!("reads" in node)) continue;
      for (const read of (node as Memo).reads) {
        read.readers.delete(node as Memo);
        queue.push(read);
      }
    }
  }
}
