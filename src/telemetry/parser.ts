import type { Labels } from "../model/sample.ts";
import { type Exposition, type Family, formatLabels, meshName, parseLabels, type Sampled } from "./exposition.ts";

/** Label texts already read: a proxy says the same ones at every look. Kept from look to look by whoever looks. */
export type LabelCache = Map<string, { readonly labels: Labels; readonly text: string }>;

const ofProxy = ["envoy_istio_", "envoy_server_", "envoy_control_plane_"] as const;

interface Growing {
  readonly labels: Labels;
  readonly text: string;
  value: number;
  sum: number;
  readonly bounds: number[];
  readonly counts: number[];
}

interface GrowingFamily {
  readonly name: string;
  readonly type: Family["type"];
  readonly series: Map<string, Growing>;
}

/**
 * Reads Prometheus' text format as Envoy writes it, in pieces as they come. Keeps the mesh's metrics only, under Istio's names, with `unknown` for
 * empty labels; series that become equal by that are summed. A line that cannot be read is skipped and counted.
 * https://github.com/prometheus/docs/blob/main/content/docs/instrumenting/exposition_formats.md
 */
export class ExpositionParser {
  readonly #cache: LabelCache;
  readonly #fresh: LabelCache = new Map();
  readonly #families = new Map<string, GrowingFamily>();
  #rest = "";
  /** Family of the line before, by the name as written: lines of one family follow each other. */
  #written = "";
  #family: GrowingFamily | undefined;
  #part: "" | "bucket" | "sum" | "count" = "";
  #skipped = 0;

  constructor(cache: LabelCache = new Map()) {
    this.#cache = cache;
  }

  /** Lines of the mesh's metrics that could not be read. */
  get skipped(): number {
    return this.#skipped;
  }

  push(chunk: string): void {
    const text = this.#rest === "" ? chunk : this.#rest + chunk;
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      this.#line(text, from, end);
      from = end + 1;
    }
    this.#rest = text.slice(from);
  }

  /** What was read, and the label texts that were used, for the next look. */
  finish(): { readonly exposition: Exposition; readonly labels: LabelCache } {
    if (this.#rest !== "") this.#line(this.#rest, 0, this.#rest.length);
    const families = new Map<string, Family>();
    for (const family of this.#families.values()) {
      const series = new Map<string, Sampled>();
      for (const [key, one] of family.series) series.set(key, finished(one, family.type));
      if (series.size > 0) families.set(family.name, { name: family.name, type: family.type, series });
    }
    return { exposition: families, labels: this.#fresh };
  }

  #line(text: string, from: number, end: number): void {
    const first = text.charCodeAt(from);
    if (first === 35) this.#comment(text.slice(from, end));
    else if (
      (first === 101 && ofProxy.some((start) => text.startsWith(start, from))) ||
      (first === 105 && text.startsWith("istio_", from))
    ) {
      if (!this.#sample(text.slice(from, end))) this.#skipped++;
    }
  }

  #comment(line: string): void {
    const match = /^#\s+TYPE\s+(\S+)\s+(counter|gauge|histogram)\s*$/.exec(line);
    const name = match ? meshName(match[1] as string) : undefined;
    if (name === undefined || this.#families.has(name)) return;
    this.#families.set(name, { name, type: match?.[2] as Family["type"], series: new Map() });
    this.#written = "";
  }

  #sample(line: string): boolean {
    const brace = line.indexOf("{");
    const close = brace < 0 ? -1 : line.lastIndexOf("}");
    const space = brace < 0 ? line.indexOf(" ") : brace;
    if (space < 0 || (brace >= 0 && close < brace)) return false;
    if (!this.#choose(line.slice(0, space))) return false;
    const value = parseValue(line.slice(brace < 0 ? space : close + 1));
    if (Number.isNaN(value) || this.#family === undefined) return false;
    const raw = brace < 0 ? "" : line.slice(brace + 1, close);
    return this.#part === "bucket" ? this.#bucket(this.#family, raw, value) : this.#add(this.#family, raw, value);
  }

  /** Finds the family that a line's name belongs to, and which part of a histogram it is. */
  #choose(written: string): boolean {
    if (written === this.#written) return this.#family !== undefined;
    this.#written = written;
    const name = meshName(written) ?? "";
    this.#part = "";
    this.#family = this.#families.get(name);
    if (this.#family?.type === "histogram") this.#family = undefined;
    if (this.#family !== undefined) return true;
    const suffix = /_(bucket|sum|count)$/.exec(name);
    const family = suffix ? this.#families.get(name.slice(0, suffix.index)) : undefined;
    if (suffix === null || family?.type !== "histogram") return false;
    this.#family = family;
    this.#part = suffix[1] as "bucket" | "sum" | "count";
    return true;
  }

  #bucket(family: GrowingFamily, raw: string, value: number): boolean {
    const mark = raw.startsWith('le="') ? 0 : raw.lastIndexOf(',le="') + 1;
    const at = mark > 0 || raw.startsWith('le="') ? mark : -1;
    const quote = at < 0 ? -1 : raw.indexOf('"', at + 4);
    if (quote < 0) return false;
    const after = raw.slice(quote + 1).replace(/^,/, "");
    const before = raw.slice(0, Math.max(0, at - 1));
    const series = this.#series(family, after === "" ? before : before === "" ? after : `${before},${after}`);
    const bound = parseValue(raw.slice(at + 4, quote));
    if (series === undefined || Number.isNaN(bound)) return false;
    if (bound === Number.POSITIVE_INFINITY) return true;
    const index = series.bounds.lastIndexOf(bound);
    if (index < 0) {
      series.bounds.push(bound);
      series.counts.push(value);
    } else series.counts[index] = (series.counts[index] ?? 0) + value;
    return true;
  }

  #add(family: GrowingFamily, raw: string, value: number): boolean {
    const series = this.#series(family, raw);
    if (series === undefined) return false;
    if (this.#part === "sum") series.sum += value;
    else series.value += value;
    return true;
  }

  #series(family: GrowingFamily, raw: string): Growing | undefined {
    let known = this.#fresh.get(raw) ?? this.#cache.get(raw);
    if (known === undefined) {
      const labels = parseLabels(raw);
      if (labels === undefined) return undefined;
      known = { labels, text: raw.includes('=""') || raw.endsWith(",") ? formatLabels(labels) : raw };
    }
    this.#fresh.set(raw, known);
    const found = family.series.get(known.text);
    if (found) return found;
    const made = { labels: known.labels, text: known.text, value: 0, sum: 0, bounds: [], counts: [] };
    family.series.set(known.text, made);
    return made;
  }
}

function finished(one: Growing, type: Family["type"]): Sampled {
  const { labels, text, value } = one;
  if (type !== "histogram") return { labels, text, value };
  return { labels, text, value, histogram: { bounds: one.bounds, counts: one.counts, sum: one.sum } };
}

function parseValue(text: string): number {
  const word = text.trim().split(" ", 1)[0] ?? "";
  if (word === "+Inf") return Number.POSITIVE_INFINITY;
  return word === "" ? Number.NaN : Number(word);
}
