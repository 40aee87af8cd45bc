import type { AccessDestination, AccessEntry, AccessReport, AccessSource } from "../../model/access.ts";
import { shapeOf, templatesOf } from "./path-template.ts";
import type { AccessRecord } from "./record.ts";

/** How much is kept. What nobody spoke of for `forgetMs` makes room for other things. */
export interface BookLimits {
  readonly entries: number;
  /** Paths of one port of a workload. */
  readonly paths: number;
  readonly forgetMs: number;
}

const usual: BookLimits = { entries: 20_000, paths: 500, forgetMs: 24 * 60 * 60_000 };

/** Longest text that is kept of a request. */
const longest = 512;

/** All that proxies told, alike things as one. What it holds is bounded, and what it could not hold is counted. */
export class AccessBook {
  readonly #limits: BookLimits;
  readonly #since: number;
  readonly #entries = new Map<string, AccessEntry>();
  /** Paths of each port of each workload that have entries. */
  readonly #paths = new Map<string, Set<string>>();
  #records = 0;
  #messages = 0;

  constructor(now: number, limits: Partial<BookLimits> = {}) {
    this.#since = now;
    this.#limits = { ...usual, ...limits };
  }

  /** Takes what a proxy told. `workload` says whose an address is. */
  add(
    destination: AccessDestination,
    records: readonly AccessRecord[],
    workload: (address: string) => string | undefined,
  ): void {
    for (const record of records) for (const entry of entriesOf(destination, record, workload)) this.#put(entry);
  }

  /** A message was not read. */
  dropped(): void {
    this.#messages++;
  }

  /** Paths are templates here. */
  report(): AccessReport {
    const { entries } = this.#limits;
    return {
      since: this.#since,
      entries: withTemplates([...this.#entries.values()]).slice(0, entries),
      dropped: { records: this.#records, messages: this.#messages },
    };
  }

  #put(entry: AccessEntry): void {
    const key = keyOf(entry);
    const before = this.#entries.get(key);
    if (before === undefined && !this.#room(entry)) {
      this.#records++;
      return;
    }
    this.#entries.set(key, before === undefined ? entry : joined(before, entry));
  }

  #room({ destination, port, path, last }: AccessEntry): boolean {
    if (this.#entries.size >= this.#limits.entries) this.#forget(last);
    if (this.#entries.size >= this.#limits.entries) return false;
    if (path === undefined) return true;
    const place = JSON.stringify([destination.namespace, destination.workload, port]);
    const paths = this.#paths.get(place) ?? new Set();
    this.#paths.set(place, paths);
    if (!paths.has(path) && paths.size >= this.#limits.paths) return false;
    paths.add(path);
    return true;
  }

  /** Takes out what is old; entries stand in the order in which they came. */
  #forget(now: number): void {
    for (const [key, entry] of this.#entries) if (now - entry.last >= this.#limits.forgetMs) this.#entries.delete(key);
    this.#paths.clear();
    for (const { destination, port, path } of this.#entries.values()) {
      if (path === undefined) continue;
      const place = JSON.stringify([destination.namespace, destination.workload, port]);
      this.#paths.set(place, (this.#paths.get(place) ?? new Set()).add(path));
    }
  }
}

/** What one record is: a denial in plaintext is both. */
function entriesOf(
  destination: AccessDestination,
  record: AccessRecord,
  workload: (address: string) => string | undefined,
): readonly AccessEntry[] {
  const { at, port, protocol, kind, denied, wouldDeny, method, path, code } = record;
  // Nobody knows who sent it: that it was refused is no policy's doing.
  if (record.badToken === true) return [];
  const base = { source: sourceOf(record, workload), destination, port, protocol, count: 1, first: at, last: at };
  if (kind === "unmatched") return [{ ...base, what: "unmatched" }];
  const known = {
    ...base,
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path: shapeOf(path.slice(0, longest)) }),
  };
  const plain: AccessEntry[] =
    record.identity === undefined && (protocol === "tcp" || kind !== "ended") ? [{ ...base, what: "plaintext" }] : [];
  if (denied !== undefined) return [...plain, { ...known, what: "denied", policy: denied.id.slice(0, longest) }];
  const dry: AccessEntry[] =
    wouldDeny === undefined ? [] : [{ ...known, what: "dry-run", policy: wouldDeny.id.slice(0, longest) }];
  // A policy refuses a connection at its first bytes: one that began may be refused yet. Requests that failed, or that somebody watches, are not all.
  const whole = record.learned === true || wouldDeny !== undefined;
  const went = protocol === "http" ? kind === "ended" && whole : kind !== "begun";
  const call: AccessEntry[] = went ? [{ ...known, what: "call", ...(code === undefined ? {} : { code }) }] : [];
  return [...plain, ...dry, ...call];
}

/** Who called, as far as that is known. */
export function sourceOf(
  { identity, address }: AccessRecord,
  workload: (address: string) => string | undefined,
): AccessSource {
  if (identity !== undefined) return { identity: identity.slice(0, longest) };
  const owner = workload(address);
  return owner === undefined ? { address } : { address, workload: owner };
}

function keyOf({ what, source, destination, port, protocol, method, path, code, policy }: AccessEntry): string {
  const { identity, workload, address } = source;
  const caller = identity ?? workload ?? address;
  return JSON.stringify([
    ...[what, identity === undefined, caller, destination.namespace, destination.workload, port, protocol],
    ...[method ?? "", path ?? "", code ?? 0, policy ?? ""],
  ]);
}

function joined(a: AccessEntry, b: AccessEntry): AccessEntry {
  const newer = b.last >= a.last ? b : a;
  return { ...newer, count: a.count + b.count, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** Entries with the same key made one, over several reports or the same templates. */
export function merged(entries: readonly AccessEntry[]): readonly AccessEntry[] {
  const found = new Map<string, AccessEntry>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const before = found.get(key);
    found.set(key, before === undefined ? entry : joined(before, entry));
  }
  return [...found.values()];
}

/** Paths of each port of each workload, looked at together, as their templates. */
function withTemplates(entries: readonly AccessEntry[]): readonly AccessEntry[] {
  const place = ({ destination, port }: AccessEntry) => `${destination.namespace}/${destination.workload}:${port}`;
  const templates = new Map(
    [...Map.groupBy(entries, place)].map(([at, all]) => [at, templatesOf(all.flatMap(({ path }) => path ?? []))]),
  );
  return merged(
    entries.map((entry) => {
      const template = entry.path === undefined ? undefined : templates.get(place(entry))?.get(entry.path);
      return template === undefined ? entry : { ...entry, path: template };
    }),
  );
}
