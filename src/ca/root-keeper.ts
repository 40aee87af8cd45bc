import type { X509Certificate } from "node:crypto";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { type AuthorityStatus, certificateStatus, rootStatus } from "./authority-status.ts";
import type { KeyHome } from "./key-home.ts";
import { certificatesIn, pemOf } from "./pem.ts";
import type { KeyKind } from "./private-key.ts";
import { entryWith, type RootBook, type RootEntry, readBook, writeBook } from "./root-book.ts";
import { advanced, promoted, type RootRules, renewalOfRoot, retired, withNew } from "./root-plan.ts";
import { createRoot, rootSigner, type Signer } from "./signer.ts";

/** All roots in one file, each with its key, so that one can never be there without the other. */
export const ROOT_FILE = "root.pem";
/** Older or foreign roots that are trusted too, in PEM. */
const MORE_ROOTS_FILE = "more-roots.pem";

export interface RootKeeperOptions {
  readonly home: KeyHome;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly longestLeafMs: number;
  readonly rootLifeMs: number;
  /** The part of a root's life after which the next one is made. */
  readonly renewRootAt: number;
  readonly rootKey: KeyKind;
  /** PEM of roots that this mesh is known to have had: proof that a home without any has lost them. */
  readonly known?: () => Promise<string | undefined>;
}

/** The roots of a mesh, kept right: read from their home, rotated in time, and what is wrong with them. */
export interface RootKeeper {
  /** The own ones first, the one that signs before all; in PEM. The same list for as long as none changes. */
  roots(): readonly string[];
  /** Who signs; undefined while nobody can. */
  signer(): Signer | undefined;
  status(): AuthorityStatus;
  /** Reads the home again and does what is due. `hold`: time is not to be believed now, so nothing that it says is due is done. */
  look(hold?: boolean): Promise<void>;
  /** Makes the next root, to sign once all know it; one that is made already signs at once when told `now`. Throws with words for people. */
  rotate(now: boolean): Promise<void>;
  /** A new root where the old one's key is lost. Throws with words for people where it is not. */
  recover(): Promise<void>;
}

interface State {
  readonly text: string | undefined;
  readonly book: RootBook;
  readonly more: readonly X509Certificate[];
  readonly signer: Signer | undefined;
  /** Of the own roots; while there is any, nothing is done with them. */
  readonly trouble: string | undefined;
  /** Of roots of others, the last good ones of which stay. */
  readonly moreTrouble: string | undefined;
}

const nothing: State = {
  text: undefined,
  book: [],
  more: [],
  signer: undefined,
  trouble: "it was not read yet",
  moreTrouble: undefined,
};

export function rootKeeper(options: RootKeeperOptions): RootKeeper {
  return new Keeper(options);
}

class Keeper implements RootKeeper {
  readonly #given: RootKeeperOptions;
  #state = nothing;
  #roots: readonly string[] = [];
  /** One look at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RootKeeperOptions) {
    this.#given = options;
  }

  roots(): readonly string[] {
    return this.#roots;
  }

  signer(): Signer | undefined {
    const { signer } = this.#state;
    return signer !== undefined && signer.notAfter > this.#given.clock.now() ? signer : undefined;
  }

  status(): AuthorityStatus {
    const { book, more, signer, trouble, moreTrouble } = this.#state;
    const words = [trouble, moreTrouble, this.#expired()].filter((one) => one !== undefined);
    return {
      roots: [
        ...book.map(({ x509, state, until }) => rootStatus(x509, state, until)),
        ...more.map((x509) => rootStatus(x509, "trusted")),
      ],
      chain: (signer?.path ?? []).map(certificateStatus),
      from: book.some(({ state, key }) => state === "active" && key === undefined) ? "plugged-in" : "self-signed",
      signing: this.signer() !== undefined,
      ...(words.length === 0 ? {} : { trouble: words.join("; ") }),
    };
  }

  look(hold = false): Promise<void> {
    return this.#alone(() => this.#look(hold));
  }

  rotate(now: boolean): Promise<void> {
    return this.#alone(async () => {
      await this.#look(true);
      const { book } = this.#state;
      const active = book.find(({ state }) => state === "active");
      const next = book.find(({ state }) => state === "next");
      if (active === undefined || this.signer() === undefined) throw new Error(this.#cannotSign());
      if (active.key === undefined)
        throw new Error(
          "the authority is plugged in; plug in another one, and Weft moves over to it with both trusted",
        );
      const root = next ?? { ...(await this.#newRoot()), state: "next" as const, until: 0, leafLifeMs: 0 };
      if (next === undefined) await this.#write(withNew(book, root, this.#rules(), "overlap"));
      const made = entryWith(this.#state.book, root.pem);
      if (now && made?.state === "next") await this.#write(promoted(this.#state.book, made, this.#rules()));
    });
  }

  recover(): Promise<void> {
    return this.#alone(async () => {
      await this.#look(true);
      if (this.signer() !== undefined)
        throw new Error("the authority signs; there is nothing to recover. A new root is made by rotating it");
      const { text, book } = this.#state;
      const rules = this.#rules();
      const known = book.length > 0 ? book : await this.#proven();
      const old = known.filter(({ state }) => state !== "next").map((entry) => retired(entry, rules));
      if (text !== undefined && book.length === 0)
        await this.#given.home.replace(brokenName(rules.now), undefined, text);
      await this.#write(withNew(old, await this.#newRoot(), rules, "emergency"));
    });
  }

  /** What is known of roots whose home has lost them, as if they still signed. */
  async #proven(): Promise<RootBook> {
    const found = certificatesIn((await this.#given.known?.()) ?? "").filter((x509) => x509 !== undefined);
    return found
      .filter(({ ca }) => ca)
      .map((x509) => ({ state: "active", until: 0, leafLifeMs: 0, pem: pemOf(x509), x509 }));
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #look(hold: boolean): Promise<void> {
    try {
      await this.#readMore();
      const text = await this.#given.home.read(ROOT_FILE);
      if (text === undefined || text === "") return await this.#empty();
      await this.#take(text);
    } catch (error) {
      return this.#keep((error as Error).message, this.#state.text);
    }
    if (hold || this.#state.trouble !== undefined) return;
    const rules = this.#rules();
    const { book } = this.#state;
    const moved = advanced(book, rules, ({ key }) => key !== undefined);
    const active = moved.find(({ state }) => state === "active");
    const old = active?.key !== undefined && renewalOfRoot(active, rules) <= rules.now;
    const due = old && !moved.some(({ state }) => state === "next");
    if (due) await this.#write(withNew(moved, await this.#newRoot(), rules, "overlap"));
    else if (moved !== book) await this.#write(moved);
  }

  /** A home without a root gets one, unless it is known to have had one. */
  async #empty(): Promise<void> {
    const where = this.#given.home.path(ROOT_FILE);
    const { book, signer } = this.#state;
    if (book.length > 0 && signer !== undefined)
      return this.#keep(`${where} is gone; this process still knows it, the next one will not: ${mend}`, undefined);
    const known = await this.#proven();
    if (known.length > 0) return this.#keep(`${where} is not there, and this mesh had a root: ${mend}`, undefined);
    await this.#write(withNew([], await this.#newRoot(), this.#rules(), "at-once"));
  }

  async #take(text: string): Promise<void> {
    if (text === this.#state.text && this.#state.trouble === undefined) return;
    const where = this.#given.home.path(ROOT_FILE);
    const book = readBook(text);
    const trouble = "broken" in book ? book.broken : this.#foreign(book);
    if (trouble !== undefined || "broken" in book) return this.#keep(`${where}: ${trouble}; ${mend}`, text);
    const active = book.find(({ state }) => state === "active");
    try {
      const signer = active?.key === undefined ? undefined : await rootSigner(active);
      const waits = book.some(({ state }) => state === "next");
      const none = active === undefined && !waits ? `${where}: it holds no root that signs; ${mend}` : undefined;
      this.#set({ ...this.#state, text, book, signer, trouble: none });
    } catch (error) {
      await this.#keep(`${where}: ${(error as Error).message}; ${mend}`, text);
    }
  }

  #foreign(book: RootBook): string | undefined {
    const uri = `URI:spiffe://${this.#given.trustDomain}`;
    const other = book.find(
      ({ key, x509: { subjectAltName: names } }) => key && names && !names.split(", ").includes(uri),
    );
    return (
      other && `it is the root of ${other.x509.subjectAltName}, and the trust domain is ${this.#given.trustDomain}`
    );
  }

  /** What was good before stays in force. */
  async #keep(trouble: string, text: string | undefined): Promise<void> {
    const book = this.#state.book.length === 0 ? await this.#proven().catch(() => []) : this.#state.book;
    this.#set({ ...this.#state, text, book, trouble });
  }

  async #write(book: RootBook): Promise<void> {
    const { home, log, trustDomain } = this.#given;
    const next = writeBook(book);
    const kept = await home.replace(ROOT_FILE, this.#state.text, next);
    if (kept === next) {
      const roots = book.map(({ state, x509 }) => `${state} ${x509.serialNumber}`);
      log.info("roots of the mesh changed", { path: home.path(ROOT_FILE), trustDomain, roots });
    }
    await this.#take(kept);
  }

  #set(state: State): void {
    const { log } = this.#given;
    const before = this.#state;
    this.#state = state;
    const roots = [...new Set([...state.book.map(({ pem }) => pem), ...state.more.map(pemOf)])];
    if (roots.join("") !== this.#roots.join("")) this.#roots = roots;
    const words = [state.trouble, state.moreTrouble].filter((one) => one !== undefined).join("; ");
    if (words === [before.trouble, before.moreTrouble].filter((one) => one !== undefined).join("; ")) return;
    const issues = this.signer() === undefined ? "no certificates are issued" : "it goes on with what was good before";
    if (words !== "") log.error(`certificate authority: ${issues}`, { trouble: words });
    else if (before !== nothing) log.info("certificate authority: all is well again");
  }

  async #readMore(): Promise<void> {
    const { home } = this.#given;
    const found = certificatesIn((await home.read(MORE_ROOTS_FILE)) ?? "");
    const wrong = found.findIndex((x509) => x509?.ca !== true);
    const moreTrouble = `${home.path(MORE_ROOTS_FILE)}: certificate ${wrong + 1} is not an authority's; take it out`;
    if (wrong >= 0) return this.#set({ ...this.#state, moreTrouble });
    this.#set({ ...this.#state, more: found.filter((x509) => x509 !== undefined), moreTrouble: undefined });
  }

  #newRoot(): Promise<Pick<RootEntry, "pem" | "x509"> & { readonly key: string }> {
    const { trustDomain, clock, rootLifeMs, rootKey, random } = this.#given;
    return createRoot({ trustDomain, now: clock.now(), life: rootLifeMs, kind: rootKey, random });
  }

  #rules(): RootRules {
    const { clock, longestLeafMs, renewRootAt } = this.#given;
    return { now: clock.now(), longestLeafMs, renewAt: renewRootAt };
  }

  #expired(): string | undefined {
    const { signer } = this.#state;
    if (signer === undefined || this.signer() !== undefined) return undefined;
    const when = new Date(signer.notAfter).toISOString();
    return `${this.#given.home.path(ROOT_FILE)}: its certificate expired at ${when}; ${mend}`;
  }

  #cannotSign(): string {
    return this.status().trouble ?? "the next root does not sign yet";
  }
}

const mend = "restore it from a backup, or make a new root by `weft certs recover`";

function brokenName(now: number): string {
  return `root.pem.broken-${now}`;
}
