import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { healthOf } from "../certificates/left.ts";
import { certificatesQuery } from "../certificates/queries.ts";
import { span } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

/** The roots, and the first certificate of each kind to end. */
export function CertificatesCard(): ReactElement {
  const { data, error } = useQuery(certificatesQuery(false));
  const now = Date.now();
  const kinds = [...Map.groupBy(data?.items ?? [], (c) => c.kind)];
  return (
    <section className="card" aria-label="Certificates">
      <h2>
        <Link to="/certificates">Certificates</Link>
      </h2>
      {data?.trouble && (
        <p className="bad">
          <HealthMark health="failing" /> {data.trouble}
        </p>
      )}
      {error && <p className="quiet">{error.message}</p>}
      <dl className="facts">
        {kinds.map(([kind, all]) => {
          const first = all.toSorted((a, b) => a.notAfter - b.notAfter)[0];
          if (!first) return null;
          return (
            <div key={kind} style={{ display: "contents" }}>
              <dt>
                {kind}, {all.length}
              </dt>
              <dd>
                <HealthMark health={healthOf(first, now)} label="" />{" "}
                {first.notAfter > now ? `the first ends in ${span(first.notAfter - now)}` : "one has ended"}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
