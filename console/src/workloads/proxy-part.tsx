import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ProxyState } from "../../../src/api/contract/workloads.ts";
import { configQuery } from "../api/queries.ts";
import { objectAt } from "../config/filters.ts";
import { Part } from "../drawer/drawer.tsx";
import { ago, clockTime, span } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { syncHealth, syncWords } from "./sync.ts";

/** A certificate with less than this left is said to be about to expire. */
const soon = 3_600_000;

const typeWords: Readonly<Record<string, string>> = {
  CDS: "clusters",
  LDS: "listeners",
  EDS: "endpoints",
  RDS: "routes",
  SRDS: "scoped routes",
  SDS: "certificates",
  ECDS: "extensions",
};

/** One proxy: what it was sent, what it took, what it said about the rest. */
export function ProxyPart({ proxy, now }: { readonly proxy: ProxyState; readonly now: number }): ReactElement {
  return (
    <Part title={`Proxy ${proxy.id}`} aside={<CopyCli command={`npx weft proxy-status ${proxy.id}`} />}>
      <p className="proxy-sync">
        <HealthMark health={syncHealth[proxy.sync]} label="" />
        <span>
          <b>{proxy.sync}</b>: {syncWords[proxy.sync]}
        </span>
      </p>
      <Types types={proxy.types} />
      <Errors types={proxy.types} />
      <Facts proxy={proxy} now={now} />
    </Part>
  );
}

function Types({ types }: Pick<ProxyState, "types">): ReactElement | null {
  const rows = Object.entries(types);
  if (rows.length === 0) return null;
  return (
    <table className="small-table">
      <thead>
        <tr>
          <th scope="col">Type</th>
          <th scope="col" className="number">
            Sent
          </th>
          <th scope="col" className="number">
            Acknowledged
          </th>
          <th scope="col" className="number">
            State
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([type, state]) => (
          <tr key={type}>
            <td>
              <span className="mono">{type}</span> <span className="quiet">{typeWords[type]}</span>
            </td>
            <td className="number">{state.sent}</td>
            <td className="number">{state.acked}</td>
            <td className="number">
              <TypeMark error={state.error !== undefined} behind={state.acked < state.sent} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TypeMark({ error, behind }: { readonly error: boolean; readonly behind: boolean }): ReactElement {
  if (error) return <HealthMark health="failing" label="refused" />;
  return behind ? <HealthMark health="degraded" label="waiting" /> : <HealthMark health="healthy" label="in sync" />;
}

/** Envoy's own words, and the lines of YAML that the refused resources were made of. */
function Errors({ types }: Pick<ProxyState, "types">): ReactElement[] {
  return Object.entries(types)
    .filter(([, state]) => state.error !== undefined)
    .map(([type, state]) => (
      <div key={type} className="refusal">
        <p>Envoy refused {typeWords[type] ?? type}:</p>
        <p className="said">{state.error}</p>
        {state.origins && state.origins.length > 0 && <Origins origins={state.origins} />}
      </div>
    ));
}

/** Lines of YAML, each a way to its object. */
function Origins({ origins }: { readonly origins: readonly string[] }): ReactElement {
  const config = useQuery(configQuery).data ?? [];
  return (
    <ul>
      {origins.map((at) => {
        const object = objectAt(at, config);
        return (
          <li key={at}>
            made of <span className="mono">{at}</span>
            {object && (
              <>
                {", "}
                <Link
                  to="/config/$type/$namespace/$name"
                  params={{ type: object.type, namespace: object.namespace || "-", name: object.name }}
                  search={true}
                >
                  {object.kind} {object.name}
                </Link>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Facts({ proxy, now }: { readonly proxy: ProxyState; readonly now: number }): ReactElement {
  const expires = proxy.certificateExpiresAt;
  return (
    <dl className="facts about">
      <dt>Address</dt>
      <dd className="mono">{proxy.address}</dd>
      <dt>Last acknowledged</dt>
      <dd>
        {proxy.lastAckAt === undefined
          ? "never"
          : `${ago(proxy.lastAckAt, now)}, at ${clockTime(proxy.lastAckAt, true)}`}
      </dd>
      <dt>Certificate</dt>
      <dd>
        {expires === undefined && "none"}
        {expires !== undefined && expires <= now && (
          <>
            <HealthMark health="failing" label="" /> expired {ago(expires, now)}
          </>
        )}
        {expires !== undefined && expires > now && (
          <>
            {expires - now < soon && <HealthMark health="degraded" label="" />} expires in {span(expires - now)}
          </>
        )}
      </dd>
      <dt>Application</dt>
      <dd>
        {proxy.application === "crashed" && <HealthMark health="failing" label="" />} {proxy.application},{" "}
        {proxy.restarts === 0
          ? "never restarted"
          : proxy.restarts === 1
            ? "restarted once"
            : `restarted ${proxy.restarts} times`}
      </dd>
      {proxy.envoyVersion && (
        <>
          <dt>Envoy</dt>
          <dd>{proxy.envoyVersion}</dd>
        </>
      )}
    </dl>
  );
}
