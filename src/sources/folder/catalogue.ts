import { isDeepStrictEqual } from "node:util";
import type { Change, SourceEvent } from "../../model/change.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { formatRef, type Ref, type Resource } from "../../model/resource.ts";
import { deepFreeze } from "../../std/plain.ts";
import { type DocumentReading, readText, type Validate } from "../text/text.ts";
import type { VirtualAddresses } from "../virtual-addresses.ts";

/** One object in force by one file, perhaps from an earlier state of it. */
interface Claim {
  readonly resource: Resource;
  readonly file: string;
  /** Precedence: the overlay (negative) before folders in the order given, underlays (Infinity) last. */
  readonly rank: number;
  /** Place among the file's objects. */
  readonly order: number;
}

interface FileState {
  readonly documents: ReadonlyMap<string, DocumentReading>;
  readonly claims: ReadonlyMap<string, Claim>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Stamp {
  readonly createdAt: number;
  readonly generation: number;
}

/** A file as the catalogue is told of it. */
export interface FileText {
  /** As people name it; unique. */
  readonly file: string;
  readonly rank: number;
}

/**
 * What a set of files says, merged: who wins where two name one object, what stays in force while a file is broken, when each object was first seen.
 * Pure but for its own state: texts and the time come in, events go out.
 */
export class Catalogue {
  readonly #validate: Validate;
  readonly #addresses: VirtualAddresses;
  readonly #complete: (resource: Resource) => Resource;
  readonly #files = new Map<string, FileState>();
  readonly #claims = new Map<string, Claim[]>();
  readonly #tombstones = new Map<string, Set<string>>();
  readonly #inForce = new Map<string, { readonly claim: Claim; readonly resource: Resource }>();
  readonly #stamps = new Map<string, Stamp>();
  readonly #dirty = new Set<string>();

  constructor(validate: Validate, addresses: VirtualAddresses, complete: (resource: Resource) => Resource = (r) => r) {
    this.#validate = validate;
    this.#addresses = addresses;
    this.#complete = complete;
  }

  /** Takes a file's new text. */
  put({ file, rank }: FileText, text: string): void {
    this.#take(file, rank, this.#read(file, text));
  }

  /** Takes that a file cannot be read now: what it said stays. */
  putUnreadable({ file, rank }: FileText, reading: DocumentReading): void {
    this.#take(file, rank, [reading]);
  }

  /** Whether this text would withdraw objects that the file holds now. */
  loses({ file }: FileText, text: string): boolean {
    const before = this.#files.get(file);
    if (before === undefined || before.claims.size === 0) return false;
    const readings = this.#read(file, text);
    if (readings.some((r) => !r.readable)) return false;
    const named = new Set(readings.flatMap((r) => [...r.resources, ...r.refused]).map(keyOf));
    return [...before.claims.keys()].some((key) => !named.has(key));
  }

  /** Takes that a file is gone. */
  remove(file: string): void {
    this.#replace(file, undefined);
  }

  /** Hides an object of the folders below the overlay; `false` takes that back. */
  hide(ref: Ref, by: string, hidden: boolean): void {
    const key = keyOf(ref);
    const files = this.#tombstones.get(key) ?? new Set();
    if (hidden) files.add(by);
    else files.delete(by);
    if (files.size > 0) this.#tombstones.set(key, files);
    else this.#tombstones.delete(key);
    this.#dirty.add(key);
  }

  /** All that changed since the last call, stamped with `now`. */
  flush(now: number): SourceEvent {
    const keys = [...this.#dirty].sort();
    this.#dirty.clear();
    const winners = keys.map((key) => ({ key, claim: this.#winner(key) }));
    for (const { key, claim } of winners) {
      const before = this.#inForce.get(key);
      if (before !== undefined && claim === undefined) this.#addresses.release(before.resource);
      if (claim !== undefined) this.#addresses.reserve(claim.resource);
    }
    const changes = winners.flatMap(({ key, claim }) => this.#settle(key, claim, now));
    return { changes, diagnostics: this.#diagnostics() };
  }

  #read(file: string, text: string): DocumentReading[] {
    return readText(file, text, this.#validate, this.#files.get(file)?.documents, true);
  }

  #take(file: string, rank: number, readings: readonly DocumentReading[]): void {
    const before = this.#files.get(file);
    const claims = new Map<string, Claim>();
    const twice: Diagnostic[] = [];
    readings
      .flatMap((r) => r.resources)
      .forEach((resource, order) => {
        const key = keyOf(resource);
        const first = claims.get(key);
        if (first !== undefined) twice.push(writtenTwice(resource, first.resource));
        else claims.set(key, keepClaim(before, { resource, file, rank, order }));
      });
    const keepAll = readings.some((r) => !r.readable);
    const refused = new Set(readings.flatMap((r) => r.refused).map(keyOf));
    for (const [key, claim] of before?.claims ?? []) {
      if (!claims.has(key) && (keepAll || refused.has(key))) claims.set(key, claim);
    }
    // While a document cannot be read, the others that were known are kept for reuse only as far as they are still written.
    const documents = new Map(readings.map((r) => [r.slice.text, r]));
    this.#replace(file, { documents, claims, diagnostics: [...readings.flatMap((r) => r.diagnostics), ...twice] });
  }

  #replace(file: string, next: FileState | undefined): void {
    const before = this.#files.get(file);
    for (const [key, claim] of before?.claims ?? []) {
      if (next?.claims.get(key) === claim) continue;
      this.#claims.set(
        key,
        (this.#claims.get(key) ?? []).filter((c) => c !== claim),
      );
      this.#dirty.add(key);
    }
    for (const [key, claim] of next?.claims ?? []) {
      if (before?.claims.get(key) === claim) continue;
      this.#claims.set(key, [...(this.#claims.get(key) ?? []), claim].sort(byPrecedence));
      this.#dirty.add(key);
    }
    if (next === undefined) this.#files.delete(file);
    else this.#files.set(file, next);
  }

  #winner(key: string): Claim | undefined {
    const claims = this.#claims.get(key) ?? [];
    if (claims.length === 0) this.#claims.delete(key);
    return this.#tombstones.has(key) ? claims.find((c) => c.rank < 0) : claims[0];
  }

  #settle(key: string, claim: Claim | undefined, now: number): Change[] {
    const before = this.#inForce.get(key);
    if (claim === undefined) {
      this.#inForce.delete(key);
      this.#stamps.delete(key);
      if (before === undefined) return [];
      const { type, namespace, name } = before.resource;
      return [{ remove: { type, namespace, name } }];
    }
    if (before?.claim === claim) return [];
    const resource = deepFreeze({
      ...this.#addresses.assign(this.#complete(claim.resource)),
      ...this.#stamp(key, claim.resource, now),
    });
    this.#inForce.set(key, { claim, resource });
    return [{ put: resource }];
  }

  #stamp(key: string, resource: Resource, now: number): Stamp {
    const stamp = this.#stamps.get(key);
    const before = this.#inForce.get(key)?.claim.resource;
    const isNew = before !== undefined && !isDeepStrictEqual(before.spec, resource.spec);
    const next = {
      createdAt: resource.createdAt > 0 ? resource.createdAt : (stamp?.createdAt ?? now),
      generation: Math.max((stamp?.generation ?? 0) + (isNew ? 1 : 0), resource.generation),
    };
    this.#stamps.set(key, next);
    return next;
  }

  #diagnostics(): Diagnostic[] {
    const files = [...this.#files.keys()].sort();
    const own = files.flatMap((file) => this.#files.get(file)?.diagnostics ?? []);
    const between = [...this.#claims.values()].flatMap((claims) => {
      const base = claims.filter((c) => c.rank >= 0 && c.rank !== Number.POSITIVE_INFINITY);
      return base.slice(1).map((c) => writtenTwice(c.resource, (base[0] as Claim).resource));
    });
    return [...own, ...between];
  }
}

/** The claim from before where it says the same from the same place, so that nothing is told twice. */
function keepClaim(before: FileState | undefined, claim: Claim): Claim {
  const old = before?.claims.get(keyOf(claim.resource));
  return old !== undefined && old.resource === claim.resource && old.order === claim.order ? old : claim;
}

function byPrecedence(a: Claim, b: Claim): number {
  return a.rank - b.rank || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.order - b.order);
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type}/${namespace}/${name}`;
}

function writtenTwice(loser: Resource, winner: Resource): Diagnostic {
  const { type, namespace, name, origin } = loser;
  return {
    code: codes.writtenTwice,
    level: "Error",
    about: { type, namespace, name },
    position: { file: origin.file, line: origin.line, column: origin.column },
    message: `${formatRef(loser)} is also written in ${winner.origin.at}, which wins`,
    fix: "remove one of the two, or give it another name",
  };
}
