import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useSyncExternalStore } from "react";
import type { AccessPolicy } from "../../../src/api/contract/access.ts";
import { whereOf } from "../config/filters.ts";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { bytes, clockTime, latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { AllowPart } from "./allow-part.tsx";
import { type Tapped, tapStream } from "./tap-stream.ts";
import { answerOf, askedOf, healthOf, sourceOf, targetOf, verdictWords } from "./words.ts";

const route = getRouteApi("/tap/$request");

/** One request: all that is known of it. */
export function TapDrawer(): ReactElement {
  const { request: id } = route.useParams();
  const { rows } = useSyncExternalStore(tapStream.subscribe, tapStream.view);
  const request = rows.find((row) => String(row.id) === id);
  if (!request)
    return (
      <Drawer title="No such request" label="No such request" back="/tap">
        <p className="part quiet">Requests are kept for as long as the page is open, the latest thousand of them.</p>
      </Drawer>
    );
  const title = (
    <>
      <HealthMark health={healthOf(request)} />
      <span className="mono">{askedOf(request)}</span>
    </>
  );
  return (
    <Drawer
      title={title}
      label={askedOf(request)}
      under={`${sourceOf(request)} to ${targetOf(request)}`}
      back="/tap"
      wide
    >
      <Part title="Answer">
        <Facts
          facts={[
            ["Answer", answerOf(request)],
            ["Took", latency(request.durationMs)],
            ["At", clockTime(request.at, true)],
            ["Details", request.details],
            ["Failure", request.failure],
            ["Bytes", `${bytes(request.requestBytes)} in, ${bytes(request.responseBytes)} out`],
          ]}
        />
      </Part>
      <Part title="Verdict">
        <p className={request.verdict === "allowed" ? undefined : "bad"}>{verdictWords[request.verdict]}</p>
        {request.policy && <Decided policy={request.policy} />}
      </Part>
      <AllowPart request={request} />
      <Part title="Request">
        <Facts
          facts={[
            ["Host", request.host],
            ["Protocol", [request.protocol, request.version].filter(Boolean).join(", ")],
            ["Query", request.query?.join(", ")],
            ["Request id", request.requestId],
            ["User agent", request.userAgent],
            ["Sent on to", request.upstream],
          ]}
        />
      </Part>
      <Ends request={request} />
    </Drawer>
  );
}

function Ends({ request }: { readonly request: Tapped }): ReactElement {
  const { source, destination: d, mtls } = request;
  return (
    <Part title="Who and where">
      <Facts
        facts={[
          ["Caller", source.workload && <WorkloadLink path={source.workload} />],
          ["Its identity", source.identity ?? "none: it showed no certificate"],
          ["Its address", source.address],
          ["Called", <WorkloadLink key="called" path={`${d.namespace}/${d.workload}`} />],
          ["Pod", d.pod],
          ["Mutual TLS", mtls ? "yes" : "no"],
        ]}
      />
    </Part>
  );
}

function WorkloadLink({ path }: { readonly path: string }): ReactElement {
  const [namespace = "", name = ""] = path.split("/");
  return (
    <Link to="/workloads/$namespace/$name" params={{ namespace, name }} search={{}}>
      {path}
    </Link>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): ReactElement {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name} className="tap-fact">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Decided({ policy }: { readonly policy: AccessPolicy }): ReactElement {
  const params = { type: "AuthorizationPolicy.security.istio.io", namespace: policy.namespace, name: policy.name };
  return (
    <p className="quiet">
      by{" "}
      <Link to="/config/$type/$namespace/$name" params={params} search={{}}>
        {policy.name}
      </Link>
      , rule {policy.rule}
      {policy.at !== undefined && <span className="mono"> {whereOf(policy.at)}</span>}
    </p>
  );
}
