import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Infrastructure } from "../../../src/api/contract/overview.ts";
import { meshQuery } from "../api/queries.ts";
import { bytes, count, percent, span } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { CertificatesCard } from "./certificates-card.tsx";
import { infrastructureQuery } from "./queries.ts";
import { ScopeCard } from "./scope-card.tsx";
import { TelemetryCard } from "./telemetry-card.tsx";
import "../drawer/drawer.css";
import "../overview/overview.css";

/** What the mesh is made of: control plane, data planes, gateways, certificates, and where telemetry goes. */
export function MeshPage(): ReactElement {
  const { data, error } = useQuery(infrastructureQuery);
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  return (
    <div className="overview">
      <header className="overview-head">
        <h1>Mesh</h1>
        <CopyCli command="npx weft version" />
      </header>
      <ControlPlane plane={data.controlPlane} />
      <Settings settings={data.settings} />
      <CertificatesCard />
      <DataPlanes data={data} />
      <Gateways gateways={data.gateways} />
      <TelemetryCard telemetry={data.telemetry} />
      <ScopeCard />
    </div>
  );
}

function ControlPlane({ plane }: { readonly plane: Infrastructure["controlPlane"] }): ReactElement {
  const mesh = useQuery(meshQuery).data;
  return (
    <section className="card" aria-label="Control plane">
      <h2>{mesh && <HealthMark health={mesh.health} />} Control plane</h2>
      {mesh && <p className="quiet">{mesh.sentence}</p>}
      <dl className="facts about">
        <dt>Version</dt>
        <dd>
          {plane.version}, made for Envoy {plane.envoyVersion}
        </dd>
        <dt>Up for</dt>
        <dd>{span(Date.now() - plane.startedAt)}</dd>
        {plane.usage && (
          <>
            <dt>Memory</dt>
            <dd>{bytes(plane.usage.memory)}</dd>
            <dt>Processor</dt>
            <dd>{percent(plane.usage.cpu)} of a core since it started</dd>
          </>
        )}
        <dt>Trust domain</dt>
        <dd className="mono">{plane.trustDomain}</dd>
        <dt>Checks</dt>
        <dd>
          <Link to="/check">what weft check says</Link>
        </dd>
      </dl>
    </section>
  );
}

const policyWords: Readonly<Record<string, string>> = {
  ALLOW_ANY: "any host outside may be called",
  REGISTRY_ONLY: "only hosts that the mesh knows may be called",
  ALLOW_ANY_DYNAMIC_DNS: "any host outside may be called, by its name",
};

function Settings({ settings }: { readonly settings: Infrastructure["settings"] }): ReactElement {
  const { outboundPolicy } = settings;
  return (
    <section className="card" aria-label="Settings">
      <h2>What holds for all</h2>
      <dl className="facts">
        <dt>Mutual TLS</dt>
        <dd>
          {settings.mtls}
          {settings.autoMtls ? ", used by itself where both sides can" : ", not used by itself"}
        </dd>
        <dt>TLS from</dt>
        <dd>{settings.minTlsVersion} on</dd>
        <dt>Outbound</dt>
        <dd>
          <span className="mono">{outboundPolicy}</span>: {policyWords[outboundPolicy] ?? outboundPolicy}
        </dd>
        <dt>Access log</dt>
        <dd className="mono">{settings.accessLogFile ?? "off"}</dd>
        <dt>Root namespace</dt>
        <dd className="mono">{settings.rootNamespace}</dd>
        <dt>Written in</dt>
        <dd className="mono">{settings.at ?? "nowhere: all are defaults"}</dd>
      </dl>
    </section>
  );
}

function DataPlanes({ data: { dataPlanes, envoys } }: { readonly data: Infrastructure }): ReactElement {
  return (
    <section className="card" aria-label="Data planes">
      <h2>Data planes</h2>
      <p className="quiet">
        {envoys.length === 0
          ? "No proxy is connected."
          : envoys.map((e) => `${count(e.proxies, "proxy", "proxies")} with Envoy ${e.version}`).join(", ")}
      </p>
      <table className="small-table about">
        <thead>
          <tr>
            <th scope="col">Namespace</th>
            <th scope="col" className="number">
              Workloads
            </th>
            <th scope="col" className="number">
              In sync
            </th>
          </tr>
        </thead>
        <tbody>
          {dataPlanes.map((plane) => (
            <tr key={plane.namespace}>
              <td>
                <HealthMark health={plane.health} />{" "}
                <Link to="/namespaces/$name" params={{ name: plane.namespace }} className="mono">
                  {plane.namespace}
                </Link>{" "}
                {plane.revision && <span className="quiet">{plane.revision}</span>}
              </td>
              <td className="number">{plane.workloads}</td>
              <td className={plane.synced < plane.proxies ? "number bad" : "number"}>
                {plane.synced}/{plane.proxies}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Gateways({ gateways }: Pick<Infrastructure, "gateways">): ReactElement {
  return (
    <section className="card" aria-label="Gateways">
      <h2>
        <Link to="/gateways">Gateways</Link>
      </h2>
      {gateways.length === 0 && <p className="quiet">None: nothing comes in from outside through the mesh.</p>}
      <ul>
        {gateways.map((g) => (
          <li key={`${g.namespace}/${g.name}`}>
            <HealthMark health={g.health} />{" "}
            <Link to="/gateways/$namespace/$name" params={g} className="mono">
              {g.name}
            </Link>{" "}
            <span className="quiet">
              {g.namespace}, {count(g.proxies, "proxy", "proxies")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
