import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Graph, Problem } from "../../../src/api/contract.ts";
import { problemsQuery } from "../api/queries.ts";
import { ago, byteRate, clockTime, latency, percent, rate } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

const most = 3;

/** The worst things now, and under them what the whole graph sums up to. */
export function Beside({ graph }: { readonly graph: Graph }): ReactElement {
  const { data: problems } = useQuery(problemsQuery);
  const shown = problems?.slice(0, most) ?? [];
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
      <Sums graph={graph} />
    </aside>
  );
}

function ProblemItem({ problem, now }: { readonly problem: Problem; readonly now: number }): ReactElement {
  const { history } = useRouter();
  return (
    <li>
      <a
        href={problem.link}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          history.push(`${problem.link}${location.search}`);
        }}
      >
        <HealthMark health={problem.health} />
        <span>
          {problem.sentence}
          {problem.since !== undefined && (
            <span className="since">
              since {clockTime(problem.since)}, {ago(problem.since, now)}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

/** What comes in from outside and what flows inside, in five figures. */
function Sums({ graph }: { readonly graph: Graph }): ReactElement {
  const http = graph.edges.filter((e) => e.protocol !== "tcp");
  const tcp = graph.edges.filter((e) => e.protocol === "tcp");
  const total = http.reduce((sum, e) => sum + e.rate, 0);
  const failed = http.reduce((sum, e) => sum + e.rate * e.errorShare, 0);
  const slowest = http.reduce<number | undefined>(
    (worst, e) => (e.p95 !== undefined && (worst === undefined || e.p95 > worst) ? e.p95 : worst),
    undefined,
  );
  const all = graph.edges.reduce((sum, e) => sum + e.rate, 0);
  const locked = graph.edges.reduce((sum, e) => sum + e.rate * e.mtlsShare, 0);
  const bytes = tcp.reduce((sum, e) => sum + (e.bytesSentRate ?? 0) + (e.bytesReceivedRate ?? 0), 0);
  return (
    <section>
      <h2>All edges</h2>
      <dl className="sums">
        <dt>Requests</dt>
        <dd>{rate(total)}</dd>
        <dt>Failed</dt>
        <dd>{percent(total > 0 ? failed / total : 0)}</dd>
        <dt>Slowest p95</dt>
        <dd>{latency(slowest)}</dd>
        <dt>TCP</dt>
        <dd>{tcp.length > 0 ? byteRate(bytes) : "none"}</dd>
        <dt>Through mTLS</dt>
        <dd>{all > 0 ? percent(locked / all) : "–"}</dd>
      </dl>
    </section>
  );
}
