import type { TraceSummary } from "../../../src/api/contract/traces.ts";
import { latency } from "../format/quantity.ts";
import type { Source } from "./search.ts";

/** Whose log it is. */
export type LogSource = Exclude<Source, "spans">;

export interface LogLine {
  readonly key: string;
  readonly source: Source;
  readonly pod: string;
  readonly text: string;
  /** Milliseconds since the epoch; absent where the line says none, and none stands before it. */
  readonly at?: number;
  /** The trace that it tells of, or what finds it: the id that a proxy gives a request. */
  readonly trace?: { readonly id: string } | { readonly request: string };
}

const stamps: readonly RegExp[] = [
  /\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)/,
  /"(?:time|ts|timestamp|start_time)":\s*(\d{10,13})\b/,
];

/** The time that a line says, read from its first 200 characters: ISO 8601 (without a zone it is UTC, as proxies write), or a number in JSON. */
export function timeOf(text: string): number | undefined {
  const head = text.slice(0, 200);
  const [, iso] = stamps[0]?.exec(head) ?? [];
  if (iso !== undefined) {
    const [, day = "", time = "", fraction = "", zone = "Z"] =
      /^(\S{10})[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(iso) ?? [];
    const at = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`);
    return Number.isNaN(at) ? undefined : at;
  }
  const [, number] = stamps[1]?.exec(head) ?? [];
  if (number === undefined) return undefined;
  return number.length === 10 ? Number(number) * 1000 : Number(number);
}

/** Lines of one log; one without a time has that of the line before it: a stack trace stays with its error. */
export function linesOf(text: string, pod: string, source: LogSource): readonly LogLine[] {
  let at: number | undefined;
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => {
      at = timeOf(line) ?? at;
      const trace = traceIn(line);
      return {
        ...{ key: `${pod}/${source}/${i}`, source, pod, text: line },
        ...(at === undefined ? {} : { at }),
        ...(trace === undefined ? {} : { trace }),
      };
    });
}

/** Several logs as one, by time. Lines without any time come first, in their order. */
export function interleaved(logs: readonly (readonly LogLine[])[]): readonly LogLine[] {
  return logs.flat().toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

/** What a line says of a trace: an id of 32 hexadecimal digits (W3C's and B3's), else a request's id, as Envoy makes them. */
function traceIn(text: string): LogLine["trace"] {
  const head = text.slice(0, 4000);
  const [id] = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/.exec(head) ?? [];
  if (id !== undefined && !/^0+$/.test(id)) return { id };
  const [request] = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/.exec(head) ?? [];
  return request === undefined ? undefined : { request };
}

/** Traces as lines among the others: when the workload was asked, and how long that took. */
export function spanLines(traces: readonly TraceSummary[]): readonly LogLine[] {
  return traces.map(({ id, start, duration, root, failed, at }) => {
    const own = at ?? { start, duration, failed: failed > 0 };
    const text = `${root.name} took ${latency(own.duration)}${own.failed ? ", failed" : ""}`;
    return { key: `span/${id}`, source: "spans", pod: "", text, at: own.start, trace: { id } };
  });
}

/** A line's object, where it is JSON. */
export function jsonOf(text: string): string | undefined {
  const at = text.indexOf("{");
  if (at < 0) return undefined;
  try {
    return JSON.stringify(JSON.parse(text.slice(at)), undefined, 2);
  } catch {
    return undefined;
  }
}
