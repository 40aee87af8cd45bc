import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ServiceRank } from "../../../src/api/contract/overview.ts";
import { latency, percent, rate } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

interface ServiceRanksProps {
  readonly title: string;
  readonly unit: "requests" | "failures" | "p95";
  readonly services: readonly ServiceRank[];
}

const figures: Readonly<Record<ServiceRanksProps["unit"], (s: ServiceRank) => string>> = {
  requests: (s) => rate(s.rate),
  failures: (s) => `${rate(s.rate * s.errorShare)}, ${percent(s.errorShare)}`,
  p95: (s) => latency(s.p95),
};
const nothing: Readonly<Record<ServiceRanksProps["unit"], string>> = {
  requests: "No request in this time.",
  failures: "No request failed in this time.",
  p95: "No latency was measured in this time.",
};

/** The first five services by one figure. */
export function ServiceRanks({ title, unit, services }: ServiceRanksProps): ReactElement {
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      {services.length === 0 && <p className="quiet">{nothing[unit]}</p>}
      {services.length > 0 && (
        <table className="small-table">
          <tbody>
            {services.map((s) => (
              <tr key={`${s.namespace}/${s.name}`}>
                <td>
                  <HealthMark health={s.health} />{" "}
                  <Link
                    to="/services/$namespace/$name"
                    params={s}
                    search={({ ns, window }) => ({ ns, window })}
                    className="mono"
                  >
                    {s.name}
                  </Link>{" "}
                  <span className="quiet">{s.namespace}</span>
                </td>
                <td className="number">{figures[unit](s)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
