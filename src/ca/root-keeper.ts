import { type AuthorityStatus, certificateStatus, rootStatus } from "./authority-status.ts";
import { type Ending, endingSoon, endingTold, endingWords } from "./expiry.ts";
import { type OtherRoots, otherRoots } from "./other-roots.ts";
import { certificatesIn, pemOf } from "./pem.ts";
import { anchorOf, listsFor, type PluggedCa } from "./plugged-in.ts";
import { type PluggedSlot, pluggedSlot } from "./plugged-slot.ts";
import { activeIn, entryWith, type RootBook, type RootEntry, withLists } from "./root-book.ts";
import type { RootKeeperOptions } from "./root-keeper-options.ts";
import { advanced, hastened, promoted, type RootRules, renewalOfRoot, retired, withNew } from "./root-plan.ts";
import { mend, RootStore } from "./root-store.ts";
import { createRoot, rootSigner, type Signer } from "./signer.ts";
import { type Trust, trustMaker } from "./trust.ts";

/** The roots of a mesh, kept right: read from their home, rotated in time, and what is wrong with them. */
export interface RootKeeper {
  trust(): Trust;
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

export function rootKeeper(options: RootKeeperOptions): RootKeeper {
  return new Keeper(options);
}

class Keeper implements RootKeeper {
  readonly #given: RootKeeperOptions;
  readonly #store: RootStore;
  readonly #plugged: PluggedSlot;
  readonly #others: OtherRoots;
  #signer: Signer | undefined;
  #homeTrouble: string | undefined;
  #signerTrouble: string | undefined;
  readonly #made = trustMaker();
  readonly #tellEnding: ReturnType<typeof endingTold>;
  #said = "";
  /** One look at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RootKeeperOptions) {
    this.#given = options;
    this.#store = new RootStore(options);
    this.#tellEnding = endingTold(options.log);
    this.#plugged = pluggedSlot(options.pluggedIn, options.clock);
    this.#others = otherRoots(options.home);
  }

  trust(): Trust {
    return this.#made.trust;
  }

  signer(): Signer | undefined {
    const signer = this.#signer;
    return signer !== undefined && signer.notAfter > this.#given.clock.now() ? signer : undefined;
  }

  status(): AuthorityStatus {
    const { book } = this.#store;
    const trouble = this.#trouble();
    const own = new Set(book.map(({ pem }) => pem));
    const others = [...(this.#ca()?.roots ?? []), ...this.#others.roots].filter((x509) => !own.has(pemOf(x509)));
    return {
      roots: [
        ...book.map(({ x509, state, until }) => rootStatus(x509, state, until)),
        ...others.map((x509) => rootStatus(x509, "trusted")),
      ],
      chain: (this.#signer?.path ?? []).map(certificateStatus),
      from: activeIn(book)?.key !== undefined || this.#ca() === undefined ? "self-signed" : "plugged-in",
      signing: this.signer() !== undefined,
      ending: this.#ending().map((one) => endingWords(one, this.#given.clock.now())),
      ...(trouble === "" ? {} : { trouble }),
    };
  }

  look(hold = false): Promise<void> {
    return this.#alone(() => this.#look(hold));
  }

  /** Of those that sign, or will: what retires ends by itself. */
  #ending(): readonly Ending[] {
    const lasting = this.#store.book.filter(({ state }) => state !== "retiring").map(({ x509 }) => x509);
    return endingSoon([...(this.#signer?.path ?? []), ...lasting].map(certificateStatus), this.#given.clock.now());
  }

  rotate(now: boolean): Promise<void> {
    return this.#alone(async () => {
      await this.#look(true);
      const { book } = this.#store;
      const next = book.find(({ state }) => state === "next");
      if (this.signer() === undefined) throw new Error(this.#trouble() || "the next root does not sign yet");
      const mayMake = activeIn(book)?.key !== undefined && this.#ca() === undefined;
      if (next === undefined && !mayMake)
        throw new Error(
          "the authority is plugged in; plug in another one, and Weft moves over to it with both trusted",
        );
      const root = next ?? (await this.#newRoot());
      if (next === undefined) await this.#write(withNew(book, root, this.#rules(), "overlap"));
      const made = entryWith(this.#store.book, root.pem);
      if (now && made?.state === "next" && this.#maySign(made))
        await this.#write(promoted(this.#store.book, made, this.#rules()));
      await this.#publish();
    });
  }

  recover(): Promise<void> {
    return this.#alone(async () => {
      await this.#look(true);
      if (this.signer() !== undefined)
        throw new Error("the authority signs; there is nothing to recover. A new root is made by rotating it");
      const rules = this.#rules();
      const known = this.#store.book.length > 0 ? this.#store.book : await this.#proven();
      const old = known.filter(({ state }) => state !== "next").map((entry) => retired(entry, rules));
      await this.#store.putAside(rules.now);
      await this.#write(withNew(old, await this.#newRoot(), rules, "emergency"));
      await this.#publish();
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
    this.#homeTrouble = undefined;
    try {
      await this.#others.look();
      await this.#plugged.look();
      if (await this.#store.look()) await this.#takeSigner();
      else await this.#empty();
      if (this.#store.trouble === undefined && this.#store.book.length > 0) await this.#due(hold);
    } catch (error) {
      this.#homeTrouble = (error as Error).message;
    }
    if (this.#store.trouble !== undefined && this.#store.book.length === 0)
      this.#store.lost(this.#store.trouble, await this.#proven().catch(() => []));
    await this.#publish();
  }

  /** Does what time asks for, and what was plugged in. */
  async #due(hold: boolean): Promise<void> {
    const rules = this.#rules();
    const { book } = this.#store;
    const settled = hold ? book : advanced(book, rules, (entry) => this.#maySign(entry));
    const wanted = this.#withPlugged(settled, rules);
    const active = activeIn(wanted);
    const own = active?.key !== undefined && this.#ca() === undefined;
    const old = own && !hold && renewalOfRoot(active, rules) <= rules.now;
    if (old && !wanted.some(({ state }) => state === "next"))
      await this.#write(withNew(wanted, await this.#newRoot(), rules, "overlap"));
    else if (wanted !== book) await this.#write(wanted);
  }

  /** A root that is plugged in is made known before it signs, as any next one. */
  #withPlugged(book: RootBook, rules: RootRules): RootBook {
    const ca = this.#ca();
    const next = book.find(({ state }) => state === "next");
    // What never signed may go at once.
    if (ca === undefined) return next && next.key === undefined ? book.filter((entry) => entry !== next) : book;
    const root = anchorOf(ca);
    const known = entryWith(book, root.pem);
    const lists = known && listsFor(ca, known);
    if (known !== undefined && lists?.pem !== known.lists?.pem) return withLists(book, known, lists);
    if (known?.state === "retiring") return promoted(book, known, rules);
    if (known?.state === "next" && this.signer() === undefined) return hastened(book, known, rules);
    if (known !== undefined) return book;
    return withNew(book, root, rules, this.signer() === undefined ? "emergency" : "overlap");
  }

  /** A home without a root gets one, unless it is known to have had one. */
  async #empty(): Promise<void> {
    const { path, book } = this.#store;
    const ca = this.#ca();
    if (book.length > 0 && this.#signer !== undefined)
      return this.#store.lost(`${path} is gone; this process still knows it, the next one will not: ${mend}`, book);
    const known = await this.#proven();
    const rules = this.#rules();
    if (known.length > 0 && ca === undefined)
      return this.#store.lost(`${path} is not there, and this mesh had a root: ${mend}`, known);
    // What is plugged in and does not count is not replaced by something else.
    if (this.#plugged.present && ca === undefined) return;
    // Who plugs in an authority asks for it.
    const root = ca === undefined ? await this.#newRoot() : anchorOf(ca);
    const old = known.filter(({ pem }) => pem !== root.pem).map((entry) => retired(entry, rules));
    await this.#write(withNew(old, root, rules, old.length > 0 ? "emergency" : "at-once"));
  }

  async #write(book: RootBook): Promise<void> {
    await this.#store.write(book);
    await this.#takeSigner();
  }

  /** Who signs, as the book has it. Where it is not believed, who signed before. */
  async #takeSigner(): Promise<void> {
    if (this.#store.trouble !== undefined) return;
    const active = activeIn(this.#store.book);
    this.#signerTrouble = undefined;
    const { ca } = this.#plugged;
    if (active === undefined) this.#signer = undefined;
    else if (ca !== undefined && anchorOf(ca).pem === active.pem) this.#signer = ca.signer;
    else if (this.#signer !== undefined && pemOf(this.#signer.anchor) === active.pem) return;
    else
      try {
        this.#signer = active.key === undefined ? undefined : await rootSigner(active);
      } catch (error) {
        this.#signer = undefined;
        this.#signerTrouble = `${this.#store.path}: ${(error as Error).message}; ${mend}`;
      }
  }

  /** Makes known what is so now. */
  async #publish(): Promise<void> {
    const { log } = this.#given;
    const others = [...(this.#ca()?.roots ?? []), ...this.#others.roots];
    await this.#made.update(this.#store.book, others, this.#given.clock.now());
    this.#tellEnding(this.#ending(), this.#given.clock.now());
    const trouble = this.#trouble();
    if (trouble === this.#said) return;
    this.#said = trouble;
    const issues = this.signer() === undefined ? "no certificates are issued" : "it goes on with what was good before";
    if (trouble === "") log.info("certificate authority: all is well again");
    else log.error(`certificate authority: ${issues}`, { trouble });
  }

  /** The authority that is plugged in; one that was taken away goes on signing where it signs. */
  #ca(): PluggedCa | undefined {
    const { ca, present } = this.#plugged;
    return ca !== undefined && (present || anchorOf(ca).pem === activeIn(this.#store.book)?.pem) ? ca : undefined;
  }

  #maySign(entry: RootEntry): boolean {
    const ca = this.#ca();
    return entry.key !== undefined || (ca !== undefined && anchorOf(ca).pem === entry.pem);
  }

  #newRoot(): Promise<Pick<RootEntry, "pem" | "x509"> & { readonly key: string }> {
    const { trustDomain, clock, rootLifeMs, rootKey, random } = this.#given;
    return createRoot({ trustDomain, now: clock.now(), life: rootLifeMs, kind: rootKey, random });
  }

  #rules(): RootRules {
    const { clock, longestLeafMs, renewRootAt } = this.#given;
    return { now: clock.now(), longestLeafMs, renewAt: renewRootAt };
  }

  #trouble(): string {
    const own = [this.#homeTrouble, this.#store.trouble, this.#signerTrouble, this.#missing(), this.#plugged.trouble];
    const words = [...own, this.#expired(), this.#listsTrouble(), this.#made.trouble, this.#others.trouble];
    return words.filter((one) => one !== undefined).join("; ");
  }

  /** The authority that signs was plugged in, and is not there any more. */
  #missing(): string | undefined {
    const active = activeIn(this.#store.book);
    if (active === undefined || active.key !== undefined || this.#store.trouble !== undefined) return undefined;
    if (this.#plugged.present) return undefined;
    const place = this.#plugged.place || "a place that is not known";
    return `the authority that is plugged in is gone from ${place}; put it back, or make a new root by \`weft certs recover\``;
  }

  #listsTrouble(): string | undefined {
    const lists = this.#ca()?.lists;
    return lists && "refused" in lists ? `${this.#plugged.place}: ca-crl.pem: ${lists.refused}` : undefined;
  }

  #expired(): string | undefined {
    const signer = this.#signer;
    if (signer === undefined || this.signer() !== undefined) return undefined;
    const where = signer === this.#ca()?.signer ? this.#plugged.place : this.#store.path;
    return `${where}: its certificate expired at ${new Date(signer.notAfter).toISOString()}; ${mend}`;
  }
}
