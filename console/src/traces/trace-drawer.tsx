import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Trace, TraceSpan } from "../../../src/api/contract/traces.ts";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { clockTime, count, latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { ComparePart } from "./compare-part.tsx";
import { traceQuery } from "./queries.ts";
import { SpanPart } from "./span-part.tsx";
import { operation } from "./trace-columns.tsx";
import { Waterfall } from "./waterfall.tsx";
import "./traces.css";

const route = getRouteApi("/traces/$id");

/** One trace: its steps by time, one of them in full, and another trace beside it. */
export function TraceDrawer(): ReactElement {
  const { id } = route.useParams();
  const { spanid: chosen, with: other } = route.useSearch();
  const navigate = useNavigate();
  const { data, error } = useQuery(traceQuery(id));
  if (!data)
    return (
      <Drawer title={id} label={`Trace ${id}`} back="/traces" detail>
        {error ? <Failure error={error} /> : <Skeleton />}
      </Drawer>
    );
  const change = (search: { spanid?: string | undefined; with?: string | undefined }) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) });
  const span = data.spans.find((s) => s.id === chosen) ?? deepestFailure(data.spans) ?? data.spans[0];
  return (
    <Drawer title={<Title trace={data} />} label={`Trace ${id}`} under={sentence(data)} back="/traces" detail>
      <Part title={count(data.spans.length, "span")} aside={<CopyCli command={`npx weft traces ${id}`} />}>
        {data.partial && (
          <p className="quiet">Steps in namespaces that you may not see are left out, and so is the time they took.</p>
        )}
        <Waterfall spans={data.spans} chosen={span?.id} onChoose={(next) => change({ spanid: next })} />
      </Part>
      {span && <SpanPart span={span} trace={data} />}
      <ComparePart trace={data} other={other} onOther={(next) => change({ with: next })} />
    </Drawer>
  );
}

function Title({ trace }: { readonly trace: Trace }): ReactElement {
  const [first] = trace.spans;
  const failed = trace.spans.some((s) => s.failed);
  return (
    <>
      <HealthMark health={failed ? "failing" : "healthy"} label={failed ? "failed" : "went well"} />
      <span className="mono">{first?.workload}</span>
      <span className="quiet">{first && operation(first.name)}</span>
    </>
  );
}

/** What happened, in one sentence. */
export function sentence({ spans }: Pick<Trace, "spans">): string {
  const begin = Math.min(...spans.map((s) => s.start));
  const end = Math.max(...spans.map((s) => s.start + s.duration));
  const workloads = new Set(spans.map((s) => `${s.namespace}/${s.workload}`));
  const base = `${latency(end - begin)} at ${clockTime(begin, true)}, through ${count(workloads.size, "workload")}`;
  const culprit = deepestFailure(spans);
  if (culprit === undefined) return `${base}.`;
  const status = culprit.tags["http.status_code"] ?? culprit.tags["grpc.status_code"];
  const flags = culprit.tags["response_flags"];
  const how = [status && `answered ${status}`, flags && flags !== "-" && `(${flags})`].filter(Boolean).join(" ");
  const to = culprit.kind === "client" && culprit.service ? ` calling ${culprit.service.split(".")[0]}` : "";
  return `${base}. It failed at ${culprit.workload}${to}${how && `, ${how}`}.`;
}

/** Where a failure began: the failed span that no failed span is below. */
function deepestFailure(spans: readonly TraceSpan[]): TraceSpan | undefined {
  const failed = spans.filter((s) => s.failed);
  return failed.find((s) => !failed.some((child) => child.parent === s.id));
}
