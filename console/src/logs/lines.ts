/** Whose line it is. */
export type LogSource = "application" | "proxy";

export interface LogLine {
  readonly key: string;
  readonly source: LogSource;
  readonly pod: string;
  readonly text: string;
  /** Milliseconds since the epoch; absent where the line says none, and none stands before it. */
  readonly at?: number;
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
      return { key: `${pod}/${source}/${i}`, source, pod, text: line, ...(at === undefined ? {} : { at }) };
    });
}

/** Several logs as one, by time. Lines without any time come first, in their order. */
export function interleaved(logs: readonly (readonly LogLine[])[]): readonly LogLine[] {
  return logs.flat().toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

/** Whether a line has the text, in capitals or not. */
export function has(line: LogLine, wanted: string): boolean {
  return line.text.toLowerCase().includes(wanted.toLowerCase());
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
