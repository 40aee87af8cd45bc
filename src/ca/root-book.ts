import { createPrivateKey, createPublicKey, type X509Certificate } from "node:crypto";
import { certificatesIn, keyIn, pemOf } from "./pem.ts";

/** `next`: trusted, and will sign; `active`: signs; `retiring`: trusted for as long as a leaf that it signed may live. */
export type RootState = "next" | "active" | "retiring";

/** One root of the mesh, as its home keeps it. Times are milliseconds since the epoch, lives milliseconds. */
export interface RootEntry {
  readonly state: RootState;
  /** `next`: when it begins to sign. `retiring`: when it is dropped. Of an active one nothing. */
  readonly until: number;
  /** The longest life of a leaf that it may have signed; 0 when unknown. */
  readonly leafLifeMs: number;
  readonly pem: string;
  readonly x509: X509Certificate;
  /** Lists of revoked certificates of a root that was plugged in, in PEM; `whole`: of each authority of the chain. */
  readonly lists?: { readonly pem: string; readonly whole: boolean };
  /** In PEM; absent where the root was plugged in: its home has no key of it. */
  readonly key?: string;
}

/** All roots that a mesh made or signs by. Kept as one text, so that no crash leaves one half. */
export type RootBook = readonly RootEntry[];

const header = /^# weft: (next|active|retiring) until=(\S+) leaves=(\d+)(?: lists=(whole|leaf))?$/;
const listBlocks = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----\n?/g;
const order: Readonly<Record<RootState, number>> = { active: 0, next: 1, retiring: 2 };

/** The active one comes first, its key before its certificate: so earlier releases of Weft read the text, too. */
export function writeBook(book: RootBook): string {
  return [...book]
    .sort((a, b) => order[a.state] - order[b.state])
    .map(({ state, until, leafLifeMs, key = "", pem, lists }) => {
      const time = until === 0 ? "-" : new Date(until).toISOString();
      const said = lists === undefined ? "" : ` lists=${lists.whole ? "whole" : "leaf"}`;
      return `# weft: ${state} until=${time} leaves=${leafLifeMs}${said}\n${key}${pem}${lists?.pem ?? ""}`;
    })
    .join("");
}

/** Reads what `writeBook` wrote, or a key and a certificate alone (of an active root). Words instead, where it is broken. */
export function readBook(text: string): RootBook | { readonly broken: string } {
  const entries: RootEntry[] = [];
  for (const part of text.split(/^(?=# weft: )/m)) {
    const [x509, ...more] = certificatesIn(part);
    if (x509 === undefined && part.includes("END CERTIFICATE") && keyIn(part) !== undefined)
      return { broken: "the certificate in it cannot be read" };
    if (x509 === undefined || more.length > 0) return { broken: "it does not hold a private key and a certificate" };
    const entry = entryOf(part, x509);
    if ("broken" in entry) return entry;
    entries.push(entry);
  }
  const active = entries.filter(({ state }) => state === "active");
  return active.length > 1 ? { broken: "it holds two roots that sign" } : entries;
}

function entryOf(part: string, x509: X509Certificate): RootEntry | { readonly broken: string } {
  const [, state = "active", until = "-", leaves = "0", lists] = header.exec(part.split("\n")[0] ?? "") ?? [];
  const key = keyIn(part);
  if (key === undefined && !part.startsWith("# weft: "))
    return { broken: "it does not hold a private key and a certificate" };
  if (key !== undefined && !isReadable(key)) return { broken: "the private key in it cannot be read" };
  if (key !== undefined && !fits(key, x509)) return { broken: "key and certificate do not belong together" };
  if (!x509.ca) return { broken: "the certificate in it is not one of an authority" };
  return {
    state: state as RootState,
    until: until === "-" ? 0 : Date.parse(until),
    leafLifeMs: Number(leaves),
    pem: pemOf(x509),
    x509,
    ...(key === undefined ? {} : { key: `${key}\n` }),
    ...(lists === undefined ? {} : { lists: { pem: listsIn(part), whole: lists === "whole" } }),
  };
}

/** As `writeBook` writes them. */
export function listsIn(text: string): string {
  return (text.match(listBlocks) ?? []).map((list) => `${list.trimEnd()}\n`).join("");
}

function isReadable(key: string): boolean {
  try {
    createPrivateKey(key);
    return true;
  } catch {
    return false;
  }
}

/** Whether a private key in PEM is that of a certificate; not so where it cannot be read. */
export function fits(key: string, x509: X509Certificate): boolean {
  return isReadable(key) && createPublicKey(createPrivateKey(key)).equals(x509.publicKey);
}

/** The entry of a certificate. */
export function entryWith(book: RootBook, pem: string): RootEntry | undefined {
  return book.find((entry) => entry.pem === pem);
}

/** The entry that signs. */
export function activeIn(book: RootBook): RootEntry | undefined {
  return book.find(({ state }) => state === "active");
}

/** The same book, with other lists of revoked certificates of one root. */
export function withLists(book: RootBook, of: RootEntry, lists: RootEntry["lists"]): RootBook {
  const { lists: _, ...entry } = of;
  const changed = lists === undefined ? entry : { ...entry, lists };
  return book.map((one) => (one === of ? changed : one));
}
