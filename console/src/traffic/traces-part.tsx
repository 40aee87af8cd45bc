import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Part } from "../drawer/drawer.tsx";
import { clockTime, latency } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { tracesQuery } from "../traces/queries.ts";
import type { Way } from "./read-on.ts";

/** As many are listed; the page of traces has the others. */
const most = 5;

/** The newest traces of a node or an edge: when, how long it took there, whether it failed. Nothing where there is no way to its traces, or none were kept. */
export function TracesPart({ ways }: { readonly ways: readonly Way[] }): ReactElement | null {
  const way = ways.find(({ to }) => to === "/traces");
  return way ? <Newest asked={way.search} /> : null;
}

function Newest({ asked }: { readonly asked: Way["search"] }): ReactElement | null {
  const { namespaces, window } = useView();
  const traces = useQuery(tracesQuery(asked, namespaces, window)).data?.traces ?? [];
  if (traces.length === 0) return null;
  return (
    <Part title="Newest traces">
      <table className="small-table">
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Outcome</th>
            <th scope="col" className="number">
              Here
            </th>
            <th scope="col" className="number">
              In all
            </th>
          </tr>
        </thead>
        <tbody>
          {traces.slice(0, most).map((trace) => (
            <tr key={trace.id}>
              <td className="mono">
                <Link to="/traces/$id" params={{ id: trace.id }} search={asked as never}>
                  {clockTime(trace.start, true)}
                </Link>
              </td>
              <td>
                <HealthMark health={trace.failed > 0 ? "failing" : "healthy"} label="" />{" "}
                {trace.failed > 0 ? "failed" : "went well"}
              </td>
              <td className="number">{latency(trace.at?.duration)}</td>
              <td className="number">{latency(trace.duration)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}
