import type { X509Certificate } from "node:crypto";
import { emptyList, hasListOf } from "./crl.ts";
import { pemOf } from "./pem.ts";
import type { RootBook, RootEntry } from "./root-book.ts";
import { rootSigner } from "./signer.ts";

/** What certificates are verified against; all in PEM. The same object for as long as nothing in it changes. */
export interface Trust {
  /** The own roots first, the one that signs before all. */
  readonly roots: readonly string[];
  /** Lists of revoked certificates; absent where nobody gave one. Where there is one, each authority needs one. */
  readonly lists?: {
    readonly pem: string;
    /** Not of every authority of the chains: only leaves are looked up. */
    readonly leafOnly: boolean;
  };
  /** Where each trust domain has roots of its own: a peer of another domain is refused. */
  readonly domains?: readonly TrustedDomain[];
}

/** One trust domain with the roots that may vouch for it, in PEM. */
export interface TrustedDomain {
  readonly name: string;
  readonly roots: readonly string[];
  readonly lists?: string;
}

/** Makes trust of what an authority knows. */
export interface TrustMaker {
  readonly trust: Trust;
  /** Roots whose peers are refused, since others have lists and they have none; in words. */
  readonly trouble: string | undefined;
  update(book: RootBook, others: readonly X509Certificate[], now: number): Promise<void>;
}

export function trustMaker(): TrustMaker {
  // A list is signed anew each time, and proxies should not be told of what says the same.
  const empties = new Map<string, string>();
  let trust: Trust = { roots: [] };
  let trouble: string | undefined;
  const emptyOf = async (entry: RootEntry, now: number): Promise<string | undefined> => {
    if (entry.key === undefined) return undefined;
    const known = empties.get(entry.pem);
    if (known !== undefined) return known;
    const made = await emptyList(await rootSigner(entry), now, entry.x509.validToDate.getTime());
    empties.set(entry.pem, made);
    return made;
  };
  return {
    get trust() {
      return trust;
    },
    get trouble() {
      return trouble;
    },
    async update(book, others, now) {
      const roots = [...new Set([...book.map(({ pem }) => pem), ...others.map(pemOf)])];
      const given = book.flatMap(({ lists }) => lists ?? []);
      const next: Trust = given.length === 0 ? { roots } : { roots, lists: await listsOf(book, now, emptyOf) };
      trouble = given.length === 0 ? undefined : await without(next, book, others);
      if (JSON.stringify(next) !== JSON.stringify(trust)) trust = next;
    },
  };
}

async function listsOf(
  book: RootBook,
  now: number,
  emptyOf: (entry: RootEntry, now: number) => Promise<string | undefined>,
): Promise<NonNullable<Trust["lists"]>> {
  const texts: string[] = [];
  for (const entry of book) {
    const text = entry.lists?.pem ?? (await emptyOf(entry, now));
    if (text !== undefined) texts.push(text.trimEnd());
  }
  return { pem: `${texts.join("\n")}\n`, leafOnly: book.some(({ lists }) => lists?.whole === false) };
}

async function without(
  { lists }: Trust,
  book: RootBook,
  others: readonly X509Certificate[],
): Promise<string | undefined> {
  const own = new Set(book.filter(({ key, lists }) => key ?? lists).map(({ pem }) => pem));
  const names: string[] = [];
  for (const x509 of [...book.map((entry) => entry.x509), ...others])
    if (!own.has(pemOf(x509)) && !(await hasListOf(lists?.pem ?? "", x509)))
      names.push(x509.subject.split("\n").join(", "));
  if (names.length === 0) return undefined;
  return `lists of revoked certificates are in force, and there is none of ${names.join(" and ")}: whoever is certified by it is refused; add its list to ca-crl.pem`;
}
