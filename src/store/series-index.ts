import type { Increment, Labels } from "../model/sample.ts";

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

/** Where series are kept for good, and get their ids. */
export interface SeriesTable {
  all(): Iterable<Series>;
  make(series: Omit<Series, "id">): number;
  forget(ids: readonly number[], rest: Iterable<Series>): void;
}

/** The series table, held in memory so that a scrape costs no reads. Label texts are shared between series. */
export class SeriesIndex {
  readonly #byKey = new Map<string, Series>();
  /** A scraper hands in the same label objects look after look. */
  #byLabels = new WeakMap<Labels, Series[]>();
  readonly #byId = new Map<number, Series>();
  readonly #usedAt = new Map<number, number>();
  readonly #texts = new Map<string, string>();
  readonly #bounds = new Map<string, readonly number[]>();
  readonly #table: SeriesTable;
  readonly #limit: number;
  readonly #onSeries: ((series: Series) => void) | undefined;

  /** `onSeries` is told of each one, with the labels that queries will answer. */
  constructor(table: SeriesTable, limit: number, onSeries?: (series: Series) => void) {
    this.#onSeries = onSeries;
    this.#limit = limit;
    this.#table = table;
    for (const series of table.all()) this.add(series);
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
  forget(before: number, now: number): void {
    const gone: number[] = [];
    for (const [key, series] of this.#byKey) {
      const usedAt = this.#usedAt.get(series.id);
      if (usedAt === undefined) this.#usedAt.set(series.id, now);
      else if (usedAt < before) {
        gone.push(series.id);
        this.#byKey.delete(key);
        this.#byId.delete(series.id);
        this.#usedAt.delete(series.id);
      }
    }
    this.#byLabels = new WeakMap();
    if (gone.length > 0) this.#table.forget(gone, this.#byId.values());
  }

  get(id: number): Series | undefined {
    return this.#byId.get(id);
  }

  #find(increment: Increment): number | undefined {
    const seen = this.#byLabels.get(increment.labels);
    const same = seen?.find(
      (s) => s.name === increment.name && sameBounds(s.bounds, increment.buckets?.bounds ?? none),
    );
    if (same) return same.id;
    const { name, labels } = increment;
    const found = this.#byKey.get(keyOf({ name, labels, bounds: increment.buckets?.bounds ?? none }));
    if (found) {
      this.#byLabels.set(increment.labels, [...(seen ?? []), found]);
      return found.id;
    }
    return undefined;
  }

  #make(increment: Increment): number | undefined {
    if (this.#byId.size >= this.#limit) return undefined;
    const { name, labels } = increment;
    const bounds = increment.buckets?.bounds ?? none;
    const id = this.#table.make({ name, labels, bounds });
    this.add({ id, name, labels, bounds });
    return id;
  }

  /** Every series that a selection names. */
  select(selection: Selection): Map<number, Series> {
    const found = new Map<number, Series>();
    for (const id of this.ids(selection)) {
      const series = id === undefined ? undefined : this.#byId.get(id);
      if (series !== undefined) found.set(series.id, series);
    }
    return found;
  }

  /** The ids of the same; undefined for each series that is not meant, so that whoever looks through many can pause. Without names all. */
  *ids(
    selection: Omit<Selection, "names"> & { readonly names: readonly string[] | undefined },
  ): Generator<number | undefined> {
    const names = selection.names && new Set(selection.names);
    const wanted = Object.entries(selection.labels ?? {});
    for (const { id, name, labels } of this.#byId.values()) {
      const isNamed = names?.has(name) !== false && wanted.every(([k, v]) => labels[k] === v);
      yield isNamed && selection.matches?.(labels) !== false ? id : undefined;
    }
  }

  /** Takes in a series that has its id. */
  add({ id, name, labels, bounds }: Series): void {
    const shared: Record<string, string> = {};
    for (const [k, v] of sortedLabels(labels)) shared[this.#share(k)] = this.#share(v);
    const series = { id, name: this.#share(name), labels: shared, bounds: this.#boundsOf(boundsText(bounds)) };
    this.#byId.set(id, series);
    this.#byKey.set(keyOf({ name, labels, bounds }), series);
    this.#onSeries?.(series);
  }

  #share(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }

  #boundsOf(text: string): readonly number[] {
    const known = this.#bounds.get(text);
    if (known) return known;
    const made = text === "" ? none : (JSON.parse(text) as number[]);
    this.#bounds.set(text, made);
    return made;
  }
}

const none: readonly number[] = [];

/** Bounds as a text, empty where there are none. */
export function boundsText(bounds: readonly number[]): string {
  return bounds.length === 0 ? "" : JSON.stringify(bounds);
}

function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((n, i) => n === b[i]));
}

/** By their names. */
export function sortedLabels(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same for series that are the same. */
export function keyOf({ name, labels, bounds }: Omit<Series, "id">): string {
  let key = `${name}\0${boundsText(bounds)}`;
  for (const [k, v] of sortedLabels(labels)) key += `\0${k}\0${v}`;
  return key;
}
