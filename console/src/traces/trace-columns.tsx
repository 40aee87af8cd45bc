import type { TraceSummary } from "../../../src/api/contract/traces.ts";
import { clockTime, count, latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import type { Column } from "../table/columns.ts";

/** What a trace's line is about: the time at what was asked for, else all of its time. */
export function timeOf(trace: TraceSummary): {
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
} {
  return trace.at ?? { start: trace.start, duration: trace.duration, failed: trace.failed > 0 };
}

/** `productpage.default:9080/productpage`: the suffix that all share is left out. */
export function operation(name: string): string {
  return name
    .replace(/\.svc\.[\w.-]+?(?=[:/]|$)/, "")
    .replace(/^router (\S+) egress$/, (_, cluster: string) => `to ${cluster.split("|").at(-1)}`);
}

/** @param subject what the time at it is called, where something was asked for. @param longest the longest duration, for the bars. */
export function traceColumns(subject: string | undefined, longest: number): readonly Column<TraceSummary>[] {
  return [
    {
      id: "start",
      title: "Began",
      cell: (t) => <span className="mono">{clockTime(t.start, true)}</span>,
      sort: (t) => t.start,
      width: "96px",
      fixed: true,
    },
    {
      id: "root",
      title: "Request",
      cell: (t) => (
        <span className="cut" title={t.root.name}>
          <span className="mono">{t.root.workload}</span> <span className="quiet">{operation(t.root.name)}</span>
        </span>
      ),
      sort: (t) => `${t.root.workload} ${t.root.name}`,
    },
    {
      id: "duration",
      title: "Duration",
      cell: (t) => <Bar value={t.duration} of={longest} failed={t.failed > 0} />,
      sort: (t) => t.duration,
      width: "168px",
      most: 260,
    },
    ...(subject === undefined
      ? []
      : [
          {
            id: "at",
            title: "There",
            hint: `How long it took at ${subject}`,
            cell: (t: TraceSummary) => latency(t.at?.duration),
            sort: (t: TraceSummary) => t.at?.duration ?? 0,
            width: "88px",
            number: true,
          },
        ]),
    {
      id: "failed",
      title: "Outcome",
      cell: (t) =>
        t.failed > 0 ? (
          <>
            <HealthMark health="failing" label="" /> {count(t.failed, "span")} failed
          </>
        ) : (
          <>
            <HealthMark health="healthy" label="" /> went well
          </>
        ),
      sort: (t) => -t.failed,
      width: "136px",
    },
    {
      id: "spans",
      title: "Spans",
      cell: (t) => t.spans,
      sort: (t) => t.spans,
      width: "72px",
      yields: 1,
      number: true,
    },
    {
      id: "parts",
      title: "Through",
      cell: (t) => (
        <span className="cut mono" title={t.parts.map((p) => `${p.namespace}/${p.workload}`).join(", ")}>
          {after(t).join(", ") || "nobody else"}
        </span>
      ),
      sort: (t) => t.parts.length,
    },
    {
      id: "id",
      title: "Id",
      cell: (t) => <span className="mono cut">{t.id}</span>,
      sort: (t) => t.id,
      width: "248px",
      extra: true,
    },
  ];
}

/** Who took part, but for the one that it began at, which stands in the row already. */
function after({ parts, root }: TraceSummary): readonly string[] {
  return parts.map((p) => p.workload || "?").filter((workload) => workload !== root.workload);
}

function Bar({ value, of, failed }: { readonly value: number; readonly of: number; readonly failed: boolean }) {
  return (
    <span className="duration-bar">
      <span className="number">{latency(value)}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect
          width={Math.max(1, (100 * value) / Math.max(of, 0.001))}
          height="6"
          className={failed ? "failed" : "ok"}
        />
      </svg>
    </span>
  );
}
