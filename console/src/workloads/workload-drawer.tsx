import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { configQuery, workloadsQuery } from "../api/queries.ts";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { InjectionPart } from "../injection/injection-part.tsx";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { LazyMiniGraph } from "../traffic/lazy-mini-graph.tsx";
import { AccessPart } from "./access-part.tsx";
import { ProxyPart } from "./proxy-part.tsx";
import "./workloads.css";

const route = getRouteApi("/workloads/$namespace/$name");

/** One workload: what it does, and each of its proxies by type of configuration. */
export function WorkloadDrawer(): ReactElement {
  const { namespace, name } = route.useParams();
  const { data, error } = useQuery(workloadsQuery);
  const workload = data?.find((w) => w.namespace === namespace && w.name === name);
  if (!workload) {
    return (
      <Drawer title={name} label={name} back="/workloads" detail>
        {error ? (
          <Failure error={error} />
        ) : data ? (
          <p className="part quiet">
            No workload {namespace}/{name} runs now. It may have been deleted, or its Deployment has another name.
          </p>
        ) : (
          <Skeleton />
        )}
      </Drawer>
    );
  }
  const subject = { kind: "workload", namespace, name, workloads: [workload.id] } as const;
  return (
    <DetailDrawer subject={subject} health={workload.health} sentence={workload.sentence} back="/workloads">
      <About workload={workload} />
      <Part title="Around it">
        <LazyMiniGraph nodes={[workload.id]} />
      </Part>
      <AccessPart workload={workload} />
      {workload.kind !== "gateway" && <InjectionPart namespace={namespace} workload={name} revisions={[]} />}
      {workload.proxies.map((proxy) => (
        <ProxyPart key={proxy.id} proxy={proxy} now={Date.now()} />
      ))}
      {workload.proxies.length === 0 && (
        <Part title="No proxy">
          <p className="quiet">
            No sidecar stands beside it: its traffic is neither encrypted nor measured where it ends, and no policy
            holds there.
          </p>
        </Part>
      )}
    </DetailDrawer>
  );
}

function About({ workload }: { readonly workload: Workload }): ReactElement {
  const config = useQuery(configQuery).data;
  const service = config?.find(
    (c) => c.kind === "Service" && c.namespace === workload.namespace && c.name === workload.app,
  );
  return (
    <Part
      title="Traffic"
      aside={
        <Link to="/traffic/node/$" params={{ _splat: workload.id }} search={true}>
          In the graph
        </Link>
      }
    >
      <dl className="figures three">
        <TrafficFigures title="in" traffic={workload.inbound} />
        <TrafficFigures title="out" traffic={workload.outbound} />
      </dl>
      <dl className="facts about">
        <dt>Runs as</dt>
        <dd>
          <span className="mono">{workload.serviceAccount || "default"}</span>,{" "}
          {count(workload.replicas.ready, "replica")} of {workload.replicas.desired} ready
        </dd>
        <dt>App, version</dt>
        <dd>
          {workload.app}
          {workload.version && `, ${workload.version}`}
        </dd>
        {service && (
          <>
            <dt>Service</dt>
            <dd>
              <Link to="/config/$type/$namespace/$name" params={service} search={true} className="mono">
                {service.name}
              </Link>{" "}
              <span className="quiet mono">{service.at}</span>
            </dd>
          </>
        )}
      </dl>
    </Part>
  );
}
