import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Trace, TraceSummary } from "../../../src/api/contract/traces.ts";
import { Part } from "../drawer/drawer.tsx";
import { clockTime, latency } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { type Pair, paired } from "./compare.ts";
import { traceQuery, tracesQuery } from "./queries.ts";
import { operation } from "./trace-columns.tsx";

interface ComparePartProps {
  readonly trace: Trace;
  readonly other: string | undefined;
  readonly onOther: (id: string | undefined) => void;
}

/** Another trace beside it, step by step: what took longer, what is there in one alone. */
export function ComparePart({ trace, other, onOther }: ComparePartProps): ReactElement {
  const { window } = useView();
  const list = useQuery(tracesQuery({}, [], window)).data?.traces ?? [];
  const found = useQuery({ ...traceQuery(other ?? ""), enabled: other !== undefined }).data;
  const root = trace.spans[0];
  const alike = list.filter(
    (t) => t.id !== trace.id && t.root.name === root?.name && t.root.workload === root.workload,
  );
  return (
    <Part
      title="Compare"
      aside={
        found && (
          <Link to="/traces/$id" params={{ id: found.id }} search={true}>
            Open the other
          </Link>
        )
      }
    >
      <label className="compare-choice">
        <span className="quiet">with</span>
        <select value={other ?? ""} onChange={(event) => onOther(event.target.value || undefined)}>
          <option value="">
            {alike.length > 0 ? "another trace of the same request" : "no other of this request in this time"}
          </option>
          {other !== undefined && !alike.some((t) => t.id === other) && <option value={other}>{other}</option>}
          {alike.slice(0, 100).map((t) => (
            <option key={t.id} value={t.id}>
              {optionWords(t)}
            </option>
          ))}
        </select>
      </label>
      {found && <PairTable pairs={paired(trace.spans, found.spans)} />}
    </Part>
  );
}

function optionWords({ start, duration, failed }: TraceSummary): string {
  return `${latency(duration)} at ${clockTime(start, true)}${failed > 0 ? ", failed" : ""}`;
}

function PairTable({ pairs }: { readonly pairs: readonly Pair[] }): ReactElement {
  const most = Math.max(...pairs.map((p) => Math.abs((p.right ?? 0) - (p.left ?? 0))));
  return (
    <table className="small-table compare" aria-label="Steps of both">
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col" className="number">
            This
          </th>
          <th scope="col" className="number">
            Other
          </th>
          <th scope="col" className="number">
            Difference
          </th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <tr key={pair.key} className={isLargest(pair, most) ? "largest" : undefined}>
            <td>
              <span className={`span-name depth-${Math.min(12, pair.depth)}`}>
                <span className="mono">{pair.workload}</span>
                <span className="quiet cut">{operation(pair.name)}</span>
              </span>
            </td>
            <td className="number">
              <Took value={pair.left} failed={pair.failedLeft} />
            </td>
            <td className="number">
              <Took value={pair.right} failed={pair.failedRight} />
            </td>
            <td className="number">{difference(pair)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isLargest({ left, right }: Pair, most: number): boolean {
  return left !== undefined && right !== undefined && most > 0 && Math.abs(right - left) === most;
}

function Took({ value, failed }: { readonly value: number | undefined; readonly failed: boolean }): ReactElement {
  if (value === undefined) return <span className="quiet">not there</span>;
  return (
    <>
      {failed && <HealthMark health="failing" label="failed" />} {latency(value)}
    </>
  );
}

function difference({ left, right }: Pair): string {
  if (left === undefined || right === undefined) return "";
  const by = right - left;
  return `${by < 0 ? "−" : "+"}${latency(Math.abs(by))}`;
}
