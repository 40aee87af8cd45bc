import type { ReactElement } from "react";
import type { Infrastructure } from "../../../src/api/contract/overview.ts";
import { bytes, clockTime, count } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

/** Where what happens is kept, and where it is sent. */
export function TelemetryCard({ telemetry }: Pick<Infrastructure, "telemetry">): ReactElement {
  const { store, history, providers } = telemetry;
  const { fine, coarse } = store.since ?? {};
  const reach = [
    ...(fine === undefined ? [] : [`every look since ${clockTime(fine)}`]),
    ...(coarse === undefined ? [] : [`minutes since ${clockTime(coarse)}`]),
  ];
  return (
    <section className="card" aria-label="Telemetry">
      <h2>Telemetry</h2>
      <dl className="facts">
        <dt>History</dt>
        <dd>
          <HealthMark health={store.error === undefined ? "healthy" : "degraded"} label="" />{" "}
          {history === "external" ? "asked of the Prometheus that is configured; also " : ""}
          {store.where === "file" ? "kept on disk" : "kept in memory"}, {bytes(store.bytes)},{" "}
          {count(store.series, "series", "series")}
          {reach.length > 0 && <div className="quiet">{reach.join(", ")}</div>}
          {store.error !== undefined && <div className="bad">{store.error}</div>}
        </dd>
        {providers.map((provider) => (
          <div key={provider.name} style={{ display: "contents" }}>
            <dt className="cut" title={provider.kind}>
              {provider.name}
            </dt>
            <dd>
              <HealthMark health={provider.health} label="" /> <span className="mono">{provider.address}</span>{" "}
              {provider.sentence}
              {provider.defaultFor.length > 0 && (
                <span className="quiet">; default for {provider.defaultFor.join(", ")}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {providers.length === 0 && (
        <p className="quiet about">
          No extension provider is configured: traces and access records stay with this control plane.
        </p>
      )}
    </section>
  );
}
