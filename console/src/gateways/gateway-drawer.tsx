import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GatewayItem, GatewayServer } from "../../../src/api/contract/inventory.ts";
import { meshQuery } from "../api/queries.ts";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Part } from "../drawer/drawer.tsx";
import { ago, span } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { NotThere } from "../list/detail-state.tsx";
import { ObjectLink, ObjectList } from "../list/object-list.tsx";
import { gatewaysQuery } from "../list/queries.ts";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { LazyMiniGraph } from "../traffic/lazy-mini-graph.tsx";

const route = getRouteApi("/gateways/$namespace/$name");

/** One gateway: what it opens to whom, with which certificate, and where that leads. */
export function GatewayDrawer(): ReactElement {
  const { namespace, name } = route.useParams();
  const query = useQuery(gatewaysQuery(useView().window));
  const gateway = query.data?.find((g) => g.namespace === namespace && g.name === name);
  if (!gateway)
    return (
      <NotThere name={name} back="/gateways" query={query}>
        {`No gateway ${namespace}/${name} runs now.`}
      </NotThere>
    );
  const subject = { kind: "gateway", namespace, name, workloads: [`workload/${namespace}/${name}`] } as const;
  return (
    <DetailDrawer
      subject={subject}
      health={gateway.health}
      sentence={gateway.sentence}
      back="/gateways"
      actions={<CopyCli command={`npx weft proxy-config listener ${name} -n ${namespace}`} />}
    >
      <Part title="Around it">
        <LazyMiniGraph nodes={subject.workloads} />
      </Part>
      <Overview gateway={gateway} />
    </DetailDrawer>
  );
}

function Overview({ gateway }: { readonly gateway: GatewayItem }): ReactElement {
  const { servers, proxies, namespace, name, inbound } = gateway;
  const doors = useQuery(meshQuery).data?.doors ?? [];
  return (
    <>
      <div className="columns">
        <Part title="Traffic">
          <dl className="figures three">
            <TrafficFigures title="in" traffic={inbound} />
          </dl>
        </Part>
        <Part title="Where it runs">
          <dl className="facts">
            <dt>Proxies</dt>
            <dd>
              {proxies.connected} of {proxies.total} connected
            </dd>
            <dt>Workload</dt>
            <dd>
              <Link to="/workloads/$namespace/$name" params={{ namespace, name }} search={true} className="mono">
                {name}
              </Link>
            </dd>
            {doors.length > 0 && (
              <>
                <dt>From here</dt>
                <dd>
                  {doors.map((door) => (
                    <div key={door}>
                      <a href={door} target="_blank" rel="noreferrer" className="mono">
                        {door.replace(/^https?:\/\//, "")}
                      </a>
                    </div>
                  ))}
                </dd>
              </>
            )}
          </dl>
        </Part>
      </div>
      {servers.map((server) => (
        <Server key={`${server.object.name} ${server.port} ${server.hosts.join()}`} server={server} />
      ))}
      {servers.length === 0 && (
        <Part title="Nothing is open">
          <p className="quiet">No Gateway object selects its Pods: it listens on no port.</p>
        </Part>
      )}
    </>
  );
}

function Server({ server }: { readonly server: GatewayServer }): ReactElement {
  const { port, protocol, hosts, tls, credentials, routes, object } = server;
  return (
    <Part title={`${port} ${protocol}`} aside={<ObjectLink object={object} />}>
      <dl className="facts">
        <dt>Hosts</dt>
        <dd className="mono">{hosts.join(", ")}</dd>
        <dt>TLS</dt>
        <dd>
          {tls === undefined ? "none: requests come in the clear" : tls}
          {credentials.length > 0 && <span className="mono"> {credentials.join(", ")}</span>}
          <Expiry server={server} />
        </dd>
        <dt>Routes</dt>
        <dd>{routes.length > 0 ? <ObjectList objects={routes} /> : "none is bound here: every request gets a 404"}</dd>
      </dl>
    </Part>
  );
}

const soon = 7 * 86_400_000;

function Expiry({ server: { expiresAt, tls, credentials } }: { readonly server: GatewayServer }): ReactElement | null {
  const now = Date.now();
  if (expiresAt === undefined)
    return tls !== undefined && credentials.length > 0 ? (
      <div>
        <HealthMark health="unknown" label="" /> no such Secret with a certificate is known here
      </div>
    ) : null;
  return (
    <div>
      <HealthMark health={expiresAt < now ? "failing" : expiresAt - now < soon ? "degraded" : "healthy"} label="" />{" "}
      {expiresAt < now ? `ended ${ago(expiresAt, now)}` : `ends in ${span(expiresAt - now)}`}
    </div>
  );
}
