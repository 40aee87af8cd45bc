import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Graph } from "../../../src/api/contract/graph.ts";
import type { Problem } from "../../../src/api/contract/problems.ts";
import { meshQuery, problemsQuery } from "../api/queries.ts";
import { ago, byteRate, clockTime, latency, percent, rate, span, unbroken } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { sumsOf } from "./sums.ts";

const most = 3;

/** The worst things now, and under them what the whole graph sums up to. */
export function Beside({ graph, past }: { readonly graph: Graph; readonly past: boolean }): ReactElement | null {
  const { data: problems } = useQuery(problemsQuery);
  const shown = problems?.slice(0, most) ?? [];
  if (graph.nodes.length === 0 && shown.length === 0) return null;
  if (past) {
    return (
      <aside className="beside" aria-label="In sum">
        <section>
          <h2>At {clockTime(graph.at, true)}</h2>
          <p className="quiet">
            The {span(graph.window * 1000)} before. States are by how requests fared; pods and proxies are not kept.
          </p>
        </section>
        <Sums graph={graph} />
      </aside>
    );
  }
  return (
    <aside className="beside" aria-label="Worst first">
      <section>
        <h2>{shown.length > 0 ? "Worst first" : "Nothing is wrong"}</h2>
        {problems && shown.length === 0 && (
          <p className="quiet">
            No workload fails, every proxy holds what it should, and nothing is wrong with the configuration.
          </p>
        )}
        <ul className="problems">
          {shown.map((problem) => (
            <ProblemItem key={problem.sentence} problem={problem} now={graph.at} />
          ))}
        </ul>
        {problems && problems.length > most && (
          <p className="quiet more">and {problems.length - most} more of less weight</p>
        )}
      </section>
      {graph.nodes.length > 0 && <Sums graph={graph} />}
    </aside>
  );
}

function ProblemItem({ problem, now }: { readonly problem: Problem; readonly now: number }): ReactElement {
  const [path = "", query] = problem.link.split("?");
  return (
    <li>
      <Link
        to={path as "/traffic"}
        search={(before) => ({ ...before, ...Object.fromEntries(new URLSearchParams(query)) })}
      >
        <HealthMark health={problem.health} />
        <span>
          {unbroken(problem.sentence)}
          {problem.since !== undefined && (
            <span className="since">
              since {clockTime(problem.since)}, {ago(problem.since, now)}
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

/** What comes in, what flows inside, and where the mesh can be entered. */
function Sums({ graph }: { readonly graph: Graph }): ReactElement {
  const doors = useQuery(meshQuery).data?.doors ?? [];
  const { fromOutside, inside, errorShare, slowest, tcpBytes, mtlsInside } = sumsOf(graph);
  return (
    <section>
      <h2>In sum</h2>
      <dl className="sums">
        <dt>From outside</dt>
        <dd>{rate(fromOutside)}</dd>
        <dt>Between workloads</dt>
        <dd>{rate(inside)}</dd>
        <dt>Failed</dt>
        <dd>{percent(errorShare)}</dd>
        <dt>Slowest p95</dt>
        <dd>{latency(slowest)}</dd>
        <dt>TCP</dt>
        <dd>{tcpBytes === undefined ? "none" : byteRate(tcpBytes)}</dd>
        <dt>Inside, through mTLS</dt>
        <dd>{mtlsInside === undefined ? "–" : percent(mtlsInside)}</dd>
      </dl>
      {doors.length > 0 && (
        <ul className="doors">
          {doors.map((door) => (
            <li key={door}>
              <span className="quiet">Way in</span>
              <a href={door} target="_blank" rel="noreferrer" className="mono">
                {door.replace("http://", "")}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
