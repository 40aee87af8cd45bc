import type { GraphType } from "../../../src/api/contract/graph.ts";

/** What the address says of the graph beside namespaces and time range. Absent is the default. */
export interface TrafficSearch {
  readonly type?: GraphType | undefined;
  /** Labels of edges: `rate,errors,p95`; absent: the worst few edges have one. */
  readonly label?: string | undefined;
  /** What differs from what is shown by default: `rank,-animation`. */
  readonly show?: string | undefined;
  /** Kinds of traffic that differ from the default: `tcp:sent,grpc:none`. */
  readonly kinds?: string | undefined;
  readonly find?: string | undefined;
  readonly hide?: string | undefined;
  /** A moment of the past, in milliseconds since the epoch. */
  readonly moment?: number | undefined;
  /** Seconds that the replay goes over. */
  readonly span?: number | undefined;
  /** Namespaces of a folded graph that are open. */
  readonly expand?: string | undefined;
  /** A node that is shown with its neighbours alone. */
  readonly focus?: string | undefined;
}

export const graphTypes = [
  { value: "workload", words: "Workloads" },
  { value: "app", words: "Apps" },
  { value: "versioned", words: "Versioned apps" },
  { value: "service", words: "Services" },
] as const satisfies readonly { readonly value: GraphType; readonly words: string }[];

export const labelModes = [
  { value: "rate", words: "Rate" },
  { value: "errors", words: "Share of errors" },
  { value: "avg", words: "Response time, average" },
  { value: "p50", words: "Response time, p50" },
  { value: "p95", words: "Response time, p95" },
  { value: "p99", words: "Response time, p99" },
  { value: "request", words: "Throughput of requests" },
  { value: "response", words: "Throughput of responses" },
  { value: "share", words: "Distribution of the caller's traffic" },
] as const;
export type LabelMode = (typeof labelModes)[number]["value"];

export const showOptions = [
  { value: "namespaces", words: "Boxes of namespaces", on: true },
  { value: "apps", words: "Boxes of apps", on: true },
  { value: "idle-nodes", words: "Idle nodes", on: true },
  { value: "idle-edges", words: "Idle edges", on: true },
  { value: "services", words: "Service nodes", on: false },
  { value: "operations", words: "Operation nodes", on: false },
  { value: "animation", words: "Traffic animation", on: true },
  { value: "badges", words: "Badges of configuration", on: true },
  { value: "sidecars", words: "Missing sidecars", on: true },
  { value: "locks", words: "Missing mutual TLS", on: true },
  { value: "rank", words: "Rank by callers", on: false },
  { value: "rank-out", words: "Rank by callees", on: false },
  { value: "noise", words: "Scrapes and probes", on: false },
] as const;
export type ShowOption = (typeof showOptions)[number]["value"];

/** Which figures of each protocol are shown; `none`: its edges are not. */
export interface Kinds {
  readonly http: "requests" | "none";
  readonly grpc: "requests" | "sent" | "received" | "total" | "none";
  readonly tcp: "sent" | "received" | "total" | "none";
}

export const usualKinds: Kinds = { http: "requests", grpc: "requests", tcp: "total" };

export const kindChoices: {
  readonly [K in keyof Kinds]: readonly { readonly value: Kinds[K]; readonly words: string }[];
} = {
  http: [
    { value: "requests", words: "Requests" },
    { value: "none", words: "Not shown" },
  ],
  grpc: [
    { value: "requests", words: "Requests" },
    { value: "sent", words: "Messages sent" },
    { value: "received", words: "Messages received" },
    { value: "total", words: "All messages" },
    { value: "none", words: "Not shown" },
  ],
  tcp: [
    { value: "total", words: "Bytes, both ways" },
    { value: "sent", words: "Bytes sent" },
    { value: "received", words: "Bytes received" },
    { value: "none", words: "Not shown" },
  ],
};

/** Spans that can be replayed, in seconds. */
export const replaySpans = [60, 300, 600, 1800, 3600, 21_600] as const;

/** Reads the address; what makes no sense there is as if absent. */
export function readTrafficSearch(search: Readonly<Record<string, unknown>>): TrafficSearch {
  const text = (name: keyof TrafficSearch) => {
    const value = search[name];
    return (typeof value === "string" && value !== "") || typeof value === "number" ? { [name]: String(value) } : {};
  };
  const type = graphTypes.find((t) => t.value === search["type"] && t.value !== "workload")?.value;
  const moment = Number(search["moment"]);
  const span = replaySpans.find((s) => s === Number(search["span"]));
  return {
    ...(type ? { type } : {}),
    ...text("label"),
    ...text("show"),
    ...text("kinds"),
    ...text("find"),
    ...text("hide"),
    ...text("expand"),
    ...text("focus"),
    ...(Number.isFinite(moment) && moment > 0 ? { moment } : {}),
    ...(span ? { span } : {}),
  };
}

/** What is shown, by the address. */
export function shownOf(show: string | undefined): ReadonlySet<ShowOption> {
  const said = new Set((show ?? "").split(","));
  return new Set(
    showOptions.filter(({ value, on }) => (on ? !said.has(`-${value}`) : said.has(value))).map((o) => o.value),
  );
}

/** The address for what is shown; undefined for the default. */
export function showText(shown: ReadonlySet<ShowOption>): string | undefined {
  const parts = showOptions.flatMap(({ value, on }) => (shown.has(value) === on ? [] : [on ? `-${value}` : value]));
  return parts.length > 0 ? parts.join(",") : undefined;
}

/** Labels by the address; none: the worst few edges have one. */
export function labelsOf(label: string | undefined): readonly LabelMode[] {
  const said = new Set((label ?? "").split(","));
  return labelModes.map((m) => m.value).filter((m) => said.has(m));
}

/** Kinds of traffic by the address. */
export function kindsOf(kinds: string | undefined): Kinds {
  const said = new Map((kinds ?? "").split(",").map((part) => part.split(":") as [string, string]));
  const read = <K extends keyof Kinds>(name: K): Kinds[K] =>
    kindChoices[name].find((c) => c.value === said.get(name))?.value ?? usualKinds[name];
  return { http: read("http"), grpc: read("grpc"), tcp: read("tcp") };
}

/** The address for kinds of traffic; undefined for the default. */
export function kindsText(kinds: Kinds): string | undefined {
  const names = ["http", "grpc", "tcp"] as const;
  const parts = names.filter((n) => kinds[n] !== usualKinds[n]).map((n) => `${n}:${kinds[n]}`);
  return parts.length > 0 ? parts.join(",") : undefined;
}
