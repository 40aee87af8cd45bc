import { Refusal } from "../http/answer.ts";
import { type Endable, type Ended, isEnded, withEnded } from "./ended.ts";
import { digestOf, equal } from "./secrets.ts";

/** Where texts are kept that all replicas share, or that outlive a restart: a Secret, a folder that its owner alone reads. */
export interface SharedTexts {
  read(name: string): string | undefined | Promise<string | undefined>;
  /** Puts `next` in the place of `before`, where that is still there; answers what is there then. */
  replace(name: string, before: string | undefined, next: string): string | Promise<string>;
}

interface Kept {
  /** 32 bytes, hexadecimal. */
  readonly key: string;
  readonly ended: Ended;
}

const name = "console-sessions.json";
/** What was read is taken for so long for what is there. */
const freshMs = 1000;
const mostTries = 5;

/** What replicas share of sessions: the key of their cookies, and which of them were ended. */
export class SessionHome {
  readonly #texts: SharedTexts;
  readonly #now: () => number;
  readonly #random: () => string;
  #known: { readonly text: string; readonly kept: Kept } | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<Kept> | undefined;

  constructor(texts: SharedTexts, now: () => number, random: () => string) {
    this.#texts = texts;
    this.#now = now;
    this.#random = random;
  }

  /** The key, as it was read last; the first time it is read, and made where there is none. Rejects where that cannot be done. */
  async key(): Promise<Buffer> {
    const { key } = this.#known?.kept ?? (await this.fresh());
    return Buffer.from(key, "hex");
  }

  /** Reads again what is there, unless that was done just now. Rejects where it cannot be read. */
  async fresh(): Promise<Kept> {
    if (this.#known !== undefined && this.#now() - this.#readAt < freshMs) return this.#known.kept;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Whether a session was ended, as far as is known here. */
  ended(session: Endable): boolean {
    return this.#known !== undefined && isEnded(this.#known.kept.ended, session);
  }

  /** Ends a session for all. Rejects where nobody could be told. */
  async end(session: Endable): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { ended, key } = await this.#read();
      if (isEnded(ended, session)) return;
      const next = withEnded(ended, session, this.#now());
      if (await this.#put(next === undefined ? this.#new() : { key, ended: next })) return;
    }
    throw new Refusal(503, "many end their sessions at once", "try again in a moment");
  }

  /** Ends all there are, with a new key. */
  async endAll(): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      await this.#read();
      if (await this.#put(this.#new())) return;
    }
    throw new Refusal(503, "others write there at the same time", "try again in a moment");
  }

  async #read(): Promise<Kept> {
    const text = await this.#texts.read(name);
    this.#readAt = this.#now();
    if (text !== undefined && text === this.#known?.text) return this.#known.kept;
    const kept = text === undefined ? undefined : keptIn(text);
    if (kept === undefined || text === undefined) {
      const next = JSON.stringify(this.#new());
      const there = await this.#texts.replace(name, text, next);
      const made = keptIn(there);
      if (made === undefined) throw new Error("what is kept of sessions cannot be read");
      this.#known = { text: there, kept: made };
      return made;
    }
    this.#known = { text, kept };
    return kept;
  }

  /** Whether it is there now, and nobody was first. */
  async #put(next: Kept): Promise<boolean> {
    const text = JSON.stringify(next);
    const there = await this.#texts.replace(name, this.#known?.text, text);
    const kept = keptIn(there);
    if (kept !== undefined) this.#known = { text: there, kept };
    return equal(there, text);
  }

  #new(): Kept {
    return { key: digestOf(this.#random()), ended: {} };
  }
}

function keptIn(text: string): Kept | undefined {
  try {
    const read = JSON.parse(text) as Partial<Kept> | null;
    return typeof read?.key === "string" && /^[0-9a-f]{64}$/.test(read.key) && typeof read.ended === "object"
      ? (read as Kept)
      : undefined;
  } catch {
    return undefined;
  }
}
