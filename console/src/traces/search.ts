import type { TableAddress } from "../table/data-table.tsx";

/** What the address of the page of traces carries: whose, which, and how they are drawn. */
export interface TracesSearch extends TableAddress {
  /** `default/reviews-v1`. */
  readonly workload?: string | undefined;
  /** A host. */
  readonly service?: string | undefined;
  /** An edge's id in the graph. */
  readonly edge?: string | undefined;
  readonly failed?: true | undefined;
  /** Milliseconds. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** `http.method=GET`. */
  readonly tag?: string | undefined;
  readonly chart?: "heat" | undefined;
}

const texts = ["q", "sort", "workload", "service", "edge", "tag"] as const;

/** Reads the address; what makes no sense there is as if absent. */
export function readTraces(search: Readonly<Record<string, unknown>>): TracesSearch {
  const found = texts.flatMap((name) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? [[name, value]] : [];
  });
  const length = (name: "min" | "max") => {
    const value = Number(search[name] ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? { [name]: value } : {};
  };
  return {
    ...Object.fromEntries(found),
    ...length("min"),
    ...length("max"),
    ...(search["failed"] === true || search["failed"] === "true" ? { failed: true as const } : {}),
    ...(search["chart"] === "heat" ? { chart: "heat" as const } : {}),
  };
}

/** What the address of one trace carries: the span that is looked at, and the trace that it is compared with. */
export interface TraceSearch {
  readonly spanid?: string | undefined;
  readonly with?: string | undefined;
}

export function readTrace(search: Readonly<Record<string, unknown>>): TraceSearch {
  const id = (name: string) => {
    const value = String(search[name] ?? "");
    return /^[0-9a-f]{1,32}$/.test(value) ? { [name]: value } : {};
  };
  return { ...id("spanid"), ...id("with") };
}

type Asked = Pick<TracesSearch, "workload" | "service" | "edge" | "failed" | "min" | "max" | "tag">;

/** The question to the API. */
export function questionOf(asked: Asked, namespaces: readonly string[], from: number, to: number): string {
  const query = new URLSearchParams({ from: String(from), to: String(to), limit: "200" });
  for (const name of ["workload", "service", "edge", "min", "max", "tag"] as const) {
    if (asked[name] !== undefined) query.set(name, String(asked[name]));
  }
  if (asked.failed) query.set("failed", "true");
  if (namespaces.length > 0) query.set("namespaces", namespaces.join(","));
  return query.toString();
}

/** The command that prints the same. */
export function commandOf(asked: Asked, namespaces: readonly string[], window: number): string {
  const flags = [
    asked.workload && `--workload ${asked.workload}`,
    asked.service && `--service ${asked.service}`,
    asked.edge && `--edge '${asked.edge}'`,
    asked.failed && "--failed",
    asked.min !== undefined && `--min ${asked.min}ms`,
    asked.max !== undefined && `--max ${asked.max}ms`,
    asked.tag && `--tag '${asked.tag.replaceAll("'", "'\\''")}'`,
    namespaces.length === 1 && `-n ${namespaces[0]}`,
    `--since ${window % 60 === 0 ? `${window / 60}m` : `${window}s`}`,
  ].filter((flag) => flag);
  return `npx weft traces ${flags.join(" ")}`;
}
