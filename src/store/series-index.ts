import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Increment, Labels } from "../model/sample.ts";
import { packIds, Texts, unpackIds } from "./texts.ts";

/** One series as the queries see it. */
export interface Series {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly bounds: readonly number[];
}

/** Names and labels (equal values) of the series that a query wants. Labels absent here are free. */
export interface Selection {
  readonly names: readonly string[];
  readonly labels?: Labels;
  /** Asked once for each series. */
  readonly matches?: (labels: Labels) => boolean;
}

/** The series table, held in memory so that a scrape costs no reads. Label texts are shared between series. */
export class SeriesIndex {
  readonly #byKey = new Map<string, Series>();
  /** A scraper hands in the same label objects look after look. */
  #byLabels = new WeakMap<Labels, Series[]>();
  readonly #byId = new Map<number, Series>();
  readonly #usedAt = new Map<number, number>();
  readonly #texts: Texts;
  readonly #bounds = new Map<string, readonly number[]>();
  readonly #insert: StatementSync;
  readonly #limit: number;

  constructor(db: DatabaseSync, limit: number) {
    this.#limit = limit;
    this.#texts = new Texts(db);
    this.#insert = db.prepare("INSERT INTO series (parts) VALUES (?)");
    for (const row of db.prepare("SELECT id, parts FROM series").iterate()) {
      const parts = row["parts"] instanceof Uint8Array ? unpackIds(row["parts"]) : [];
      const [name = "", bounds = "", ...pairs] = parts.map((id) => this.#texts.at(id) ?? "");
      const labels = Object.fromEntries(pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1] ?? ""]] : [])));
      this.#add(Number(row["id"]), name, labels, bounds);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The id of an increment's series, made if it is new; undefined beyond the limit. */
  idOf(increment: Increment, at: number): number | undefined {
    const id = this.#find(increment) ?? this.#make(increment);
    if (id !== undefined) this.#usedAt.set(id, at);
    return id;
  }

  /** Forgets the series that nothing was written to since a time (one that was there when this index was made counts as written to then). */
  forget(db: DatabaseSync, before: number, now: number): void {
    const remove = db.prepare("DELETE FROM series WHERE id = ?");
    const size = this.#byKey.size;
    for (const [key, series] of this.#byKey) {
      const usedAt = this.#usedAt.get(series.id);
      if (usedAt === undefined) this.#usedAt.set(series.id, now);
      else if (usedAt < before) {
        remove.run(series.id);
        this.#byKey.delete(key);
        this.#byId.delete(series.id);
        this.#usedAt.delete(series.id);
      }
    }
    this.#byLabels = new WeakMap();
    if (this.#byKey.size < size) this.#texts.keep(db, new Set([...this.#byId.values()].flatMap((s) => this.#parts(s))));
  }

  #find(increment: Increment): number | undefined {
    const seen = this.#byLabels.get(increment.labels);
    const same = seen?.find(
      (s) => s.name === increment.name && sameBounds(s.bounds, increment.buckets?.bounds ?? none),
    );
    if (same) return same.id;
    const bounds = boundsText(increment.buckets?.bounds ?? none);
    const found = this.#byKey.get(keyOf(increment.name, increment.labels, bounds));
    if (found) {
      this.#byLabels.set(increment.labels, [...(seen ?? []), found]);
      return found.id;
    }
    return undefined;
  }

  #make(increment: Increment): number | undefined {
    if (this.#byId.size >= this.#limit) return undefined;
    const bounds = boundsText(increment.buckets?.bounds ?? none);
    const { name, labels } = increment;
    const parts = this.#parts({ name, labels, bounds: increment.buckets?.bounds ?? none });
    const id = Number(this.#insert.run(packIds(parts)).lastInsertRowid);
    this.#add(id, name, labels, bounds);
    return id;
  }

  /** A series as ids of texts: its name, its bounds, its labels by their names. */
  #parts({ name, labels, bounds }: Omit<Series, "id">): number[] {
    const texts = [name, boundsText(bounds), ...sortedLabels(labels).flat()];
    return texts.map((text) => this.#texts.idOf(text));
  }

  /** Every series that a selection names. */
  select(selection: Selection): Map<number, Series> {
    const names = new Set(selection.names);
    const wanted = Object.entries(selection.labels ?? {});
    const found = new Map<number, Series>();
    for (const series of this.#byId.values()) {
      if (!names.has(series.name) || !wanted.every(([k, v]) => series.labels[k] === v)) continue;
      if (selection.matches?.(series.labels) ?? true) found.set(series.id, series);
    }
    return found;
  }

  #add(id: number, name: string, labels: Labels, bounds: string): void {
    const shared: Record<string, string> = {};
    for (const [k, v] of sortedLabels(labels)) shared[this.#share(k)] = this.#share(v);
    const series = { id, name: this.#share(name), labels: shared, bounds: this.#boundsOf(bounds) };
    this.#byId.set(id, series);
    this.#byKey.set(keyOf(name, labels, bounds), series);
  }

  #share(text: string): string {
    return this.#texts.at(this.#texts.idOf(text)) ?? text;
  }

  #boundsOf(text: string): readonly number[] {
    const known = this.#bounds.get(text);
    if (known) return known;
    const made = text === "" ? [] : (JSON.parse(text) as number[]);
    this.#bounds.set(text, made);
    return made;
  }
}

const none: readonly number[] = [];

function boundsText(bounds: readonly number[]): string {
  return bounds.length === 0 ? "" : JSON.stringify(bounds);
}

function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((n, i) => n === b[i]));
}

function sortedLabels(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

function keyOf(name: string, labels: Labels, bounds: string): string {
  let key = `${name}\0${bounds}`;
  for (const [k, v] of sortedLabels(labels)) key += `\0${k}\0${v}`;
  return key;
}
