import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Trace, TraceSpan } from "../../../src/api/contract/traces.ts";
import { Part } from "../drawer/drawer.tsx";
import { clockTime, latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { type Usual, usualQuery } from "./queries.ts";

/** One span in full: how its time compares with all requests there, its tags, and where its logs are. */
export function SpanPart({ span, trace }: { readonly span: TraceSpan; readonly trace: Trace }): ReactElement {
  const params = { namespace: span.namespace, name: span.workload };
  return (
    <Part title={`Span ${span.id}`} aside={span.pod && <CopyCli command={logsCommand(span)} label="Copy: its logs" />}>
      <p className="span-sentence">
        <span className="mono">{span.workload}</span> {span.kind === "client" ? "called" : "answered"}{" "}
        <span className="mono">{span.kind === "client" ? (span.service ?? span.name) : span.name}</span> at{" "}
        {clockTime(span.start, true)}; that took {latency(span.duration)}.
      </p>
      {span.kind === "server" && span.workload && <AgainstAll span={span} />}
      <p className="span-links">
        {span.workload && (
          <>
            <Link to="/workloads/$namespace/$name" params={params} search={true}>
              {span.workload}
            </Link>
            <Link
              to="/workloads/$namespace/$name"
              params={params}
              search={(before: object) => ({ ...before, tab: "logs", ...around(span) })}
            >
              Its logs then
            </Link>
            <Link to="/traffic/node/$" params={{ _splat: `workload/${span.namespace}/${span.workload}` }} search={true}>
              In the graph
            </Link>
            <Link to="/traces" search={(before) => ({ ...before, workload: `${span.namespace}/${span.workload}` })}>
              All its traces
            </Link>
          </>
        )}
      </p>
      <Tags span={span} first={trace.spans[0]?.start ?? span.start} />
    </Part>
  );
}

/** Its logs from a second before it to a second after. */
function around({ start, duration }: TraceSpan): { readonly logfrom: number; readonly logto: number } {
  return { logfrom: Math.floor(start - 1000), logto: Math.ceil(start + duration + 1000) };
}

function logsCommand({ pod, namespace, tags }: TraceSpan): string {
  const request = tags["guid:x-request-id"];
  return `npx weft logs ${pod} -n ${namespace}${request ? ` | grep ${request}` : ""}`;
}

/** How its time compares with what metrics say of all requests there, traced or not. */
function AgainstAll({ span }: { readonly span: TraceSpan }): ReactElement | null {
  const usual = useQuery(usualQuery(`workload/${span.namespace}/${span.workload}`, span.start)).data;
  if (!usual) return null;
  const slow = span.duration > usual.p99 ? "failing" : span.duration > usual.p95 ? "degraded" : "healthy";
  return (
    <p className="span-sentence">
      <HealthMark health={slow} label="" /> {placeWords(span.duration, usual)} Of all requests to {span.workload} in the
      ten minutes around it half took up to {latency(usual.p50)}, 95% up to {latency(usual.p95)}, 99% up to{" "}
      {latency(usual.p99)}.
    </p>
  );
}

function placeWords(duration: number, { p50, p95, p99 }: Usual): string {
  if (duration > p99) return "Slower than 99 of 100.";
  if (duration > p95) return "Slower than 95 of 100.";
  return duration > p50 ? "Slower than half." : "As fast as half or faster.";
}

function Tags({ span, first }: { readonly span: TraceSpan; readonly first: number }): ReactElement {
  const rows: readonly (readonly [string, string])[] = [
    ["after", latency(span.start - first)],
    ...(span.pod ? [["pod", span.pod] as const] : []),
    ...Object.entries(span.tags).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return (
    <table className="small-table tags" aria-label="Tags">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="mono">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
