import { useQuery } from "@tanstack/react-query";
import { type ReactElement, type ReactNode, useMemo } from "react";
import type { TraceSource, TraceSummary } from "../../../src/api/contract/traces.ts";
import { type Metric, seriesQuery } from "../api/queries.ts";
import type { Line } from "../charts/lines.ts";
import { latency } from "../format/quantity.ts";
import { Segments } from "../frame/segments.tsx";
import { useView } from "../frame/view.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { DataTable } from "../table/data-table.tsx";
import { DurationChart } from "./duration-chart.tsx";
import { tracesQuery } from "./queries.ts";
import { commandOf, type TracesSearch } from "./search.ts";
import { timeOf, traceColumns } from "./trace-columns.tsx";
import "./traces.css";

interface TracesViewProps {
  readonly asked: TracesSearch;
  readonly onAsked: (change: TracesSearch) => void;
  readonly onOpen: (id: string) => void;
  readonly selected?: string | undefined;
  /** What the traces are of, in a word or two; absent: of everything. */
  readonly about?: string;
  /** Where metrics know the same. */
  readonly of?: { readonly node: string } | { readonly edge: string };
  /** More tools beside the filters. */
  readonly tools?: ReactNode;
}

const keyOf = (t: TraceSummary) => t.id;
const textOf = (t: TraceSummary) =>
  [t.id, t.root.name, ...t.parts.map((p) => `${p.namespace}/${p.workload}`), t.failed > 0 ? "failed" : ""].join(" ");

/** Traces as a plot and as a table, with what narrows them. */
export function TracesView(props: TracesViewProps): ReactElement {
  const { asked, onAsked, onOpen, selected, about, of, tools } = props;
  const { namespaces, window } = useView();
  const { data, error } = useQuery(tracesQuery(asked, namespaces, window));
  const lines = usePercentiles(of, window);
  const rows = data?.traces;
  const columns = useMemo(() => traceColumns(about, Math.max(...(rows ?? []).map((t) => t.duration))), [about, rows]);
  const marks = useMemo(() => (rows ?? []).map((t) => ({ id: t.id, ...timeOf(t) })), [rows]);
  if (!data || !rows) return error ? <Failure error={error} /> : <Skeleton />;
  return (
    <DataTable
      label="Traces"
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      rowText={textOf}
      selected={selected}
      order={{ column: "start", down: true }}
      address={asked}
      onAddress={({ q, sort }) => onAsked({ q, sort })}
      onOpen={(t) => onOpen(t.id)}
      cli={commandOf(asked, namespaces, window)}
      tools={
        <>
          {tools}
          <Narrowing asked={asked} onAsked={onAsked} />
          {data.more && <span className="quiet">the newest {rows.length}; narrow them for others</span>}
          <SourceWords source={data.source} />
        </>
      }
      picture={
        rows.length > 0 && (
          <DurationChart
            marks={marks}
            from={data.from}
            to={data.to}
            kind={asked.chart ?? "scatter"}
            lines={lines}
            onOpen={onOpen}
            onRange={(min, max) => onAsked({ min, max })}
          />
        )
      }
      empty={<NoTraces narrowed={isNarrowed(asked)} about={about} onAsked={onAsked} />}
    />
  );
}

/** p50, p95 and p99 of all requests, sampled or not. */
function usePercentiles(of: TracesViewProps["of"], window: number): readonly Line[] {
  const ask = (metric: Metric) => ({
    ...seriesQuery(of ?? { node: "" }, metric, Math.max(window, 60)),
    enabled: of !== undefined,
  });
  const p50 = useQuery(ask("p50")).data;
  const p95 = useQuery(ask("p95")).data;
  const p99 = useQuery(ask("p99")).data;
  return useMemo(
    () =>
      [p50, p95, p99].flatMap((series) =>
        series?.points.some(([, v]) => v !== null) ? [{ name: series.name, points: series.points }] : [],
      ),
    [p50, p95, p99],
  );
}

const outcomes = [
  { value: "all", label: "All" },
  { value: "failed", label: "Failed", words: "Only traces in which something failed" },
] as const;
const charts = [
  { value: "scatter", label: "Dots", words: "A dot for each trace" },
  { value: "heat", label: "Heat map", words: "Traces counted by time and duration" },
] as const;

function Narrowing({ asked, onAsked }: Pick<TracesViewProps, "asked" | "onAsked">): ReactElement {
  return (
    <>
      <Segments
        label="Outcome"
        segments={outcomes}
        value={asked.failed ? "failed" : "all"}
        onChange={(value) => onAsked({ failed: value === "failed" ? true : undefined })}
      />
      <Segments
        label="Drawn as"
        segments={charts}
        value={asked.chart ?? "scatter"}
        onChange={(value) => onAsked({ chart: value === "heat" ? "heat" : undefined })}
      />
      <TagFilter asked={asked} onAsked={onAsked} />
      {(asked.min ?? asked.max) !== undefined && (
        <button
          type="button"
          className="plain-button chip"
          onClick={() => onAsked({ min: undefined, max: undefined })}
          aria-label="Show all durations again"
        >
          {asked.min !== undefined && `from ${latency(asked.min)}`}{" "}
          {asked.max !== undefined && `to ${latency(asked.max)}`} ×
        </button>
      )}
    </>
  );
}

function TagFilter({ asked, onAsked }: Pick<TracesViewProps, "asked" | "onAsked">): ReactElement {
  return (
    <form
      className="filter tag-filter"
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get("tag") ?? "").trim();
        onAsked({ tag: text.includes("=") ? text : undefined });
      }}
    >
      <input
        key={asked.tag ?? ""}
        name="tag"
        defaultValue={asked.tag ?? ""}
        placeholder="Tag, like http.method=GET"
        aria-label="Only traces with this tag, NAME=VALUE"
        spellCheck={false}
      />
    </form>
  );
}

const stores = { zipkin: "Zipkin", tempo: "Tempo", jaeger: "Jaeger" };

function SourceWords({ source }: { readonly source: TraceSource }): ReactElement | null {
  if (source.kind === "embedded") return null;
  return (
    <span className="quiet" title={source.url}>
      from {stores[source.kind]}
    </span>
  );
}

function isNarrowed({ failed, min, max, tag }: TracesSearch): boolean {
  return failed === true || min !== undefined || max !== undefined || tag !== undefined;
}

interface NoTracesProps extends Pick<TracesViewProps, "onAsked"> {
  readonly narrowed: boolean;
  readonly about: string | undefined;
}

function NoTraces({ narrowed, about, onAsked }: NoTracesProps): ReactElement {
  if (narrowed)
    return (
      <p className="no-match">
        No trace of this time is like that.{" "}
        <button
          type="button"
          className="link"
          onClick={() => onAsked({ failed: undefined, min: undefined, max: undefined, tag: undefined })}
        >
          Show all
        </button>
      </p>
    );
  return (
    <Empty title="No traces in this time" command="npx weft load">
      Here stands one request in twenty{about ? ` that went through ${about}` : ""}, with each step of its way and how
      long that took. A longer time range may show some; this sends requests:
    </Empty>
  );
}
