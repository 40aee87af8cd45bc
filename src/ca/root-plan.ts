import type { RootBook, RootEntry } from "./root-book.ts";

/** What a step of the roots depends on. Times are milliseconds since the epoch, lives milliseconds. */
export interface RootRules {
  readonly now: number;
  /** The longest life that a leaf can have. */
  readonly longestLeafMs: number;
  /** The part of a root's life after which the next one is made. */
  readonly renewAt: number;
}

/** Beside leaves' lives, for clocks that differ and replicas that have not looked yet: a tenth of a leaf's life, ten minutes at most. */
function margin({ longestLeafMs }: RootRules): number {
  return Math.min(600_000, longestLeafMs / 10);
}

/** How long a root that replaces a lost one is distributed before it signs: whoever is connected has it by then, and nothing else can sign. */
const emergencyMs = 60_000;

function emergency({ longestLeafMs }: RootRules): number {
  return Math.min(emergencyMs, longestLeafMs / 10);
}

/** A next root signs in a minute at the latest: nothing else can. */
export function hastened(book: RootBook, next: RootEntry, rules: RootRules): RootBook {
  const until = rules.now + emergency(rules);
  return next.until <= until ? book : book.map((entry) => (entry === next ? { ...next, until } : entry));
}

/**
 * What time alone changes: a next root that was distributed for long enough signs, one whose leaves have all expired is dropped. `mayPromote`:
 * whether we could sign by it.
 */
export function advanced(book: RootBook, rules: RootRules, mayPromote: (entry: RootEntry) => boolean): RootBook {
  const left = book.filter(({ state, until }) => state !== "retiring" || until > rules.now);
  const next = left.find(({ state, until }) => state === "next" && until <= rules.now);
  const moved = next !== undefined && mayPromote(next) ? promoted(left, next, rules) : left;
  return moved.some((entry, i) => entry !== book[i]) || moved.length !== book.length ? moved : book;
}

/** Signs from now on; what signed before is trusted until its last leaf has expired. */
export function promoted(book: RootBook, next: RootEntry, rules: RootRules): RootBook {
  return book.map((entry) => {
    if (entry === next) return { ...entry, state: "active", until: 0, leafLifeMs: rules.longestLeafMs };
    return entry.state === "active" ? retired(entry, rules) : entry;
  });
}

/** Trusted until the last leaf that it signed has expired, and it is not dropped before. */
export function retired(entry: RootEntry, rules: RootRules): RootEntry {
  const life = Math.max(entry.leafLifeMs, rules.longestLeafMs);
  return { ...entry, state: "retiring", until: rules.now + life + margin(rules) };
}

/** A root that is made known now. `how`: at once where the mesh has no other; in a minute where no other can sign; else once every proxy that has a valid certificate has heard of it. */
export function withNew(
  book: RootBook,
  root: Pick<RootEntry, "pem" | "x509" | "key">,
  rules: RootRules,
  how: "at-once" | "emergency" | "overlap",
): RootBook {
  const leafLifeMs = rules.longestLeafMs;
  if (how === "at-once") return [...book, { ...root, state: "active", until: 0, leafLifeMs }];
  // A proxy renews its certificate by a connection on which it is told of new roots: whoever has not heard of this one by then has no valid certificate.
  const wait = how === "overlap" ? rules.longestLeafMs + margin(rules) : emergency(rules);
  const others = book.filter(({ state }) => state !== "next");
  return [...others, { ...root, state: "next", until: rules.now + wait, leafLifeMs }];
}

/** When the next root is to be made, in milliseconds since the epoch; not at the same part of life for all meshes. */
export function renewalOfRoot({ x509 }: Pick<RootEntry, "x509">, { renewAt, longestLeafMs }: RootRules): number {
  const [from, to] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
  const spread = Number.parseInt(x509.serialNumber.slice(-4), 16) / 0xffff / 100;
  return Math.min(from + (to - from) * (renewAt - spread), to - 3 * longestLeafMs);
}
