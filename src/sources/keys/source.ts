import type { Change, Source, SourceEvent } from "../../model/change.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { backoff } from "../../std/backoff.ts";
import type { Clock } from "../../std/clock.ts";
import type { Random } from "../../std/random.ts";
import { fetchKeys, type GetDocument, type KeysAt } from "./fetch-keys.ts";
import { type KeptKeys, KeyFolder } from "./kept.ts";

/** Keys that the mesh needs. */
export interface WantedKeys {
  /** What the mesh shall know them by. */
  readonly as: Ref;
  readonly at: KeysAt;
  readonly timeoutMs: number;
  /** Who names them, and where: diagnostics are about these. */
  readonly by: readonly { readonly object: Resource; readonly path: FieldPath }[];
}

export interface KeySourceOptions {
  /** Where they are kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly get: GetDocument;
}

const minute = 60_000;
/** How old keys may be before they are asked for again: as in Istio. */
const refreshMs = 20 * minute;
/** For how long the last good ones serve while nothing newer can be had. */
const lastGoodMs = 24 * 60 * minute;
/** How soon they may be asked for again because a token fits none of them: whoever sends bad tokens does not choose how often. */
const soonestMs = minute / 2;
/** For how long, at the start, nobody is served because keys that were never had are being fetched. */
const firstWordMs = 3000;

interface Held {
  wanted: WantedKeys;
  has?: KeptKeys;
  fault?: string;
  cancel: () => void;
  /** When the next try is due though it is asked for; milliseconds since the epoch. */
  soonest: number;
}

/**
 * Fetches keys of tokens, keeps them, and asks for them again in time. An issuer that is down keeps its last good keys for a day; one that has none
 * harms its own tokens alone. It speaks when it is first told what is wanted, once everything was tried or `firstWordMs` are over.
 */
export class KeySource implements Source {
  readonly name = "keys of tokens";
  readonly #options: KeySourceOptions;
  readonly #folder: KeyFolder;
  readonly #held = new Map<string, Held>();
  readonly #untried = new Set<Held>();
  #silent: "until asked" | "until tried" | false = "until asked";
  #pending: Change[] = [];
  #listener: (event: SourceEvent) => void = () => {};
  #cancelFirstWord = (): void => {};

  constructor(options: KeySourceOptions) {
    this.#options = options;
    this.#folder = new KeyFolder(options.folder);
  }

  async start(listener: (event: SourceEvent) => void): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#cancelFirstWord();
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
    this.#untried.clear();
  }

  /** All that is wanted now, instead of what was wanted before. */
  want(all: readonly WantedKeys[]): void {
    const wanted = new Map(all.map((one) => [one.as.name, one]));
    for (const [name, held] of this.#held) {
      if (wanted.has(name)) continue;
      held.cancel();
      this.#held.delete(name);
      this.#untried.delete(held);
      this.#pending.push({ remove: held.wanted.as });
    }
    for (const [name, one] of wanted) {
      const held = this.#held.get(name);
      if (held === undefined) this.#begin(one);
      else held.wanted = one;
    }
    if (this.#silent === "until asked") {
      this.#silent = "until tried";
      this.#cancelFirstWord = this.#options.clock.after(firstWordMs, () => this.#speak());
    }
    this.#tell();
  }

  /** A token fits no key: newer ones are asked for sooner, of issuers that answered last time. */
  refresh(): void {
    const { clock } = this.#options;
    for (const held of this.#held.values()) {
      if (held.soonest === Number.POSITIVE_INFINITY) continue;
      held.cancel();
      held.cancel = clock.after(Math.max(0, held.soonest - clock.now()), () => this.#load(held, 0));
      held.soonest = Number.POSITIVE_INFINITY;
    }
  }

  #begin(wanted: WantedKeys): void {
    const held: Held = { wanted, cancel: () => {}, soonest: Number.POSITIVE_INFINITY };
    this.#held.set(wanted.as.name, held);
    const kept = this.#folder.find(wanted.as.name);
    if (kept !== undefined && Math.abs(this.#options.clock.now() - kept.at) < lastGoodMs) this.#take(held, kept);
    else this.#untried.add(held);
    this.#load(held, 0);
  }

  #load(held: Held, attempt: number): void {
    const { clock, random, get } = this.#options;
    const { at, timeoutMs } = held.wanted;
    held.soonest = Number.POSITIVE_INFINITY;
    fetchKeys(at, timeoutMs, get)
      .then(({ keys, maxAge = Number.POSITIVE_INFINITY }) => {
        if (!this.#isHeld(held)) return;
        delete held.fault;
        this.#take(held, { keys, at: clock.now() });
        this.#keep(held);
        held.soonest = clock.now() + soonestMs;
        const wait = Math.min(refreshMs, Math.max(minute, maxAge * 1000));
        held.cancel = clock.after(wait * (0.9 + 0.1 * random.next()), () => this.#load(held, 0));
      })
      .catch((error: Error) => {
        if (!this.#isHeld(held)) return;
        held.fault = error.message;
        if (held.has !== undefined && clock.now() - held.has.at >= lastGoodMs) this.#take(held, undefined);
        held.cancel = clock.after(backoff(attempt, 1000, minute, random), () => this.#load(held, attempt + 1));
      })
      .finally(() => {
        this.#untried.delete(held);
        this.#tell();
      });
  }

  #isHeld(held: Held): boolean {
    return this.#held.get(held.wanted.as.name) === held;
  }

  #take(held: Held, now: KeptKeys | undefined): void {
    const changed = held.has?.keys !== now?.keys;
    if (now === undefined) delete held.has;
    else held.has = now;
    if (changed) this.#pending.push({ put: keySetObject(held.wanted, now) });
  }

  /** A disk that is full or read-only costs what is kept, not what is known. */
  #keep({ wanted, has }: Held): void {
    if (has === undefined) return;
    try {
      this.#folder.keep(wanted.as.name, has);
    } catch {}
  }

  #speak(): void {
    this.#silent = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#silent === "until tried" && this.#untried.size === 0) {
      this.#cancelFirstWord();
      this.#silent = false;
    }
    if (this.#silent !== false) return;
    const changes = this.#pending;
    this.#pending = [];
    this.#listener({ changes, diagnostics: [...this.#held.values()].flatMap(faults) });
  }
}

function faults({ wanted, has, fault }: Held): readonly Diagnostic[] {
  if (fault === undefined) return [];
  const since = has === undefined ? "" : new Date(has.at).toISOString().replace(/\.\d+Z$/, "Z");
  return wanted.by.map(({ object: { type, namespace, name, origin }, path }) => ({
    code: codes.noKeys,
    level: has === undefined ? "Error" : "Warning",
    about: { type, namespace, name },
    path,
    position: origin.locate(path),
    message: `the keys of its tokens cannot be fetched: ${fault}`,
    fix:
      has === undefined
        ? "until they can, every token of this issuer is refused with 401"
        : `those of ${since} serve until they are a day old`,
  }));
}

function keySetObject({ as, by }: WantedKeys, has: KeptKeys | undefined): Resource {
  const rest = { apiVersion: "weft.dev/v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  const spec = has === undefined ? {} : { keys: has.keys };
  const nowhere = { file: as.name, line: 0, column: 0 };
  const origin = by[0]?.object.origin ?? { ...nowhere, at: as.name, locate: () => nowhere };
  return Object.freeze({ ...as, ...rest, spec, origin });
}
