import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { workloadsQuery } from "../api/queries.ts";
import { latency, percent, rate } from "../format/quantity.ts";
import { HealthMark, healthRank } from "../health/health-mark.tsx";

/** Rows in sight before "and N more". */
const most = 50;

/** Workloads by their ids, worst first, each a way to its detail. */
export function WorkloadList({ ids }: { readonly ids: readonly string[] }): ReactElement | null {
  const { data } = useQuery(workloadsQuery);
  const wanted = new Set(ids);
  const rows = (data ?? [])
    .filter((w) => wanted.has(w.id))
    .toSorted((a, b) => healthRank[a.health] - healthRank[b.health] || b.inbound.rate - a.inbound.rate);
  if (rows.length === 0) return null;
  return (
    <>
      <table className="small-table">
        <thead>
          <tr>
            <th scope="col">Workload</th>
            <th scope="col" className="number">
              Ready
            </th>
            <th scope="col" className="number">
              In
            </th>
            <th scope="col" className="number">
              Errors
            </th>
            <th scope="col" className="number">
              p95
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((w) => (
            <tr key={w.id}>
              <td>
                <HealthMark health={w.health} />{" "}
                <Link
                  to="/workloads/$namespace/$name"
                  params={w}
                  search={(before) => ({ ns: before.ns, window: before.window })}
                  className="mono"
                  title={w.sentence}
                >
                  {w.name}
                </Link>
              </td>
              <td className="number">
                {w.replicas.ready}/{w.replicas.desired}
              </td>
              <td className="number">{rate(w.inbound.rate)}</td>
              <td className={w.inbound.errorShare >= 0.05 ? "number bad" : "number"}>
                {percent(w.inbound.errorShare)}
              </td>
              <td className="number">{latency(w.inbound.p95)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && <p className="quiet">and {rows.length - most} more, which are less bad</p>}
    </>
  );
}
