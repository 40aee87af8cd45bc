import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { HealthCounts } from "../../../src/api/contract/inventory.ts";
import type { Overview } from "../../../src/api/contract/overview.ts";
import { problemsQuery } from "../api/queries.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import type { PagePath } from "../frame/rail-entries.ts";
import { useView } from "../frame/view.ts";
import { HealthBar } from "../health/health-bar.tsx";
import { totalOf } from "../namespaces/counts.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { MeshCard } from "./mesh-card.tsx";
import { ProblemList } from "./problem-list.tsx";
import { overviewQuery } from "./queries.ts";
import { ServiceRanks } from "./service-ranks.tsx";
import "../drawer/drawer.css";
import "./overview.css";

/** The mesh on one page: what is worst, what there is and how it is, and which services stand out. */
export function OverviewPage(): ReactElement {
  const { namespaces, window } = useView();
  const { data, error } = useQuery(overviewQuery(namespaces, window));
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  if (totalOf(data.workloads) + totalOf(data.services) === 0)
    return (
      <Empty title="Nothing is in the mesh yet" command="npx weft up samples/bookinfo">
        Here stands what there is and how it is, the worst first. Start the sample to see some.
      </Empty>
    );
  const cli = namespaces.length === 1 ? `npx weft status -n ${namespaces[0]}` : "npx weft status";
  return (
    <div className="overview">
      <header className="overview-head">
        <h1>Overview</h1>
        <CopyCli command={cli} />
      </header>
      <section className="card worst" aria-label="Worst first">
        <Worst at={data.at} />
      </section>
      <Inventory overview={data} />
      <TrafficCard overview={data} />
      <MeshCard />
      <ServiceRanks title="Busiest services" unit="requests" services={data.first.busiest} />
      <ServiceRanks title="Most failures" unit="failures" services={data.first.failing} />
      <ServiceRanks title="Slowest services" unit="p95" services={data.first.slowest} />
    </div>
  );
}

function Worst({ at }: { readonly at: number }): ReactElement {
  const { data: problems } = useQuery(problemsQuery);
  const shown = problems?.slice(0, 3) ?? [];
  return (
    <>
      <h2>{problems === undefined || shown.length > 0 ? "Worst first" : "Nothing is wrong"}</h2>
      {problems && shown.length === 0 && (
        <p className="quiet">
          No workload fails, every proxy holds what it should, and nothing is wrong with the configuration.
        </p>
      )}
      <ProblemList problems={shown} now={at} />
      {problems && problems.length > shown.length && (
        <p className="quiet">and {problems.length - shown.length} more of less weight</p>
      )}
    </>
  );
}

const kinds = [
  ["Namespaces", "/namespaces", "namespaces"],
  ["Applications", "/applications", "applications"],
  ["Services", "/services", "services"],
  ["Workloads", "/workloads", "workloads"],
  ["Gateways", "/gateways", "gateways"],
] as const satisfies readonly (readonly [string, PagePath, keyof Overview])[];

function Inventory({ overview }: { readonly overview: Overview }): ReactElement {
  const { objects, errors, warnings } = overview.config;
  return (
    <section className="card" aria-label="What there is">
      <h2>What there is</h2>
      <table className="small-table">
        <tbody>
          {kinds.map(([label, to, key]) => (
            <Kind key={key} label={label} to={to} counts={overview[key]} />
          ))}
          <tr>
            <th scope="row">
              <Link to="/config" search={({ ns, window }) => ({ ns, window })}>
                Configuration
              </Link>
            </th>
            <td className="number">{objects}</td>
            <td className={errors > 0 ? "bad" : "quiet"}>
              {errors + warnings === 0 ? "nothing found" : `${errors} errors, ${warnings} warnings`}
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

interface KindProps {
  readonly label: string;
  readonly to: PagePath;
  readonly counts: HealthCounts;
}

function Kind({ label, to, counts }: KindProps): ReactElement {
  return (
    <tr>
      <th scope="row">
        <Link to={to} search={({ ns, window }) => ({ ns, window })}>
          {label}
        </Link>
      </th>
      <td className="number">{totalOf(counts)}</td>
      <td>
        <HealthBar counts={counts} />
      </td>
    </tr>
  );
}

function TrafficCard({ overview: { traffic } }: { readonly overview: Overview }): ReactElement {
  const figures: readonly (readonly [title: string, value: string, bad?: boolean])[] = [
    ["Requests", rate(traffic.rate)],
    ["Failed", percent(traffic.errorShare), traffic.errorShare >= 0.05],
    ["p95", latency(traffic.p95)],
    ["TCP", traffic.tcpBytes > 0 ? byteRate(traffic.tcpBytes) : "none"],
    ["Through mTLS", traffic.mtlsShare === undefined ? "–" : percent(traffic.mtlsShare)],
  ];
  return (
    <section className="card" aria-label="Traffic">
      <h2>
        <Link to="/traffic" search={({ ns, window }) => ({ ns, window })}>
          Traffic
        </Link>
      </h2>
      <dl className="figures three">
        {figures.map(([title, value, bad]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className={bad ? "bad" : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
