import type { Log } from "../std/log.ts";
import type { KeyHome } from "./key-home.ts";
import { type RootBook, readBook, writeBook } from "./root-book.ts";

/** All roots in one file, each with its key, so that one can never be there without the other. */
const ROOT_FILE = "root.pem";

/** How what is broken in a home is mended, for the end of a sentence. */
export const mend = "restore it from a backup, or make a new root by `weft certs recover`";

/** The book of roots in its home. What was good before stays when it is broken, or gone. */
export class RootStore {
  readonly #home: KeyHome;
  readonly #trustDomain: string;
  readonly #log: Log;
  #text: string | undefined;
  #book: RootBook = [];
  #trouble: string | undefined;

  constructor({ home, trustDomain, log }: { home: KeyHome; trustDomain: string; log: Log }) {
    this.#home = home;
    this.#trustDomain = trustDomain;
    this.#log = log;
  }

  get book(): RootBook {
    return this.#book;
  }

  /** Why its home is not believed. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  get path(): string {
    return this.#home.path(ROOT_FILE);
  }

  /** Reads it again; whether there is one at all. Throws when the home cannot be read. */
  async look(): Promise<boolean> {
    const text = await this.#home.read(ROOT_FILE);
    if (text === undefined || text === "") {
      this.#text = undefined;
      return false;
    }
    this.#take(text);
    return true;
  }

  /** The home has none, which is wrong. `known` are the roots that there were. */
  lost(trouble: string, known: RootBook): void {
    this.#trouble = trouble;
    this.#book = known;
  }

  /** Puts a book in the place of the one that was read; where somebody else was first, theirs stays. */
  async write(book: RootBook): Promise<void> {
    const next = writeBook(book);
    const kept = await this.#home.replace(ROOT_FILE, this.#text, next);
    if (kept === next) {
      const roots = book.map(({ state, x509 }) => `${state} ${x509.serialNumber}`);
      this.#log.info("roots of the mesh changed", { path: this.path, trustDomain: this.#trustDomain, roots });
    }
    this.#take(kept);
  }

  /** Puts a text that cannot be read aside, in case that somebody can. `now` is milliseconds since the epoch. */
  async putAside(now: number): Promise<void> {
    if (this.#text === undefined || !("broken" in readBook(this.#text))) return;
    await this.#home.replace(`${ROOT_FILE}.broken-${now}`, undefined, this.#text);
  }

  #take(text: string): void {
    if (text === this.#text && this.#trouble === undefined) return;
    this.#text = text;
    const book = readBook(text);
    const broken = "broken" in book ? book.broken : this.#wrongIn(book);
    this.#trouble = broken === undefined ? undefined : `${this.path}: ${broken}; ${mend}`;
    if (broken === undefined && !("broken" in book)) this.#book = book;
  }

  #wrongIn(book: RootBook): string | undefined {
    if (book.every(({ state }) => state === "retiring")) return "it holds no root that signs";
    const uri = `URI:spiffe://${this.#trustDomain}`;
    const other = book.find(
      ({ key, x509: { subjectAltName: names } }) => key && names && !names.split(", ").includes(uri),
    );
    return other && `it is the root of ${other.x509.subjectAltName}, and the trust domain is ${this.#trustDomain}`;
  }
}
