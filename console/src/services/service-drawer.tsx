import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ServiceItem } from "../../../src/api/contract/inventory.ts";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Part } from "../drawer/drawer.tsx";
import { useView } from "../frame/view.ts";
import { NotThere } from "../list/detail-state.tsx";
import { ObjectList } from "../list/object-list.tsx";
import { servicesQuery } from "../list/queries.ts";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { WorkloadList } from "../list/workload-list.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { LazyMiniGraph } from "../traffic/lazy-mini-graph.tsx";

const route = getRouteApi("/services/$namespace/$name");

/** One Service: who stands behind it, how it answers, and what bears on its callers. */
export function ServiceDrawer(): ReactElement {
  const { namespace, name } = route.useParams();
  const query = useQuery(servicesQuery(useView().window));
  const service = query.data?.find((s) => s.namespace === namespace && s.name === name);
  if (!service)
    return (
      <NotThere name={name} back="/services" query={query}>
        {`There is no Service ${namespace}/${name} now. It may have been deleted.`}
      </NotThere>
    );
  const subject = { kind: "service", namespace, name, workloads: service.workloads, host: service.host } as const;
  return (
    <DetailDrawer
      subject={subject}
      health={service.health}
      sentence={service.sentence}
      back="/services"
      actions={<CopyCli command={`npx weft get service ${name} -n ${namespace} -o yaml`} />}
    >
      {service.workloads.length > 0 && (
        <Part title="Around it">
          <LazyMiniGraph nodes={service.workloads} />
        </Part>
      )}
      <Overview service={service} />
    </DetailDrawer>
  );
}

function Overview({ service }: { readonly service: ServiceItem }): ReactElement {
  const { inbound, workloads, endpoints, objects, ports } = service;
  return (
    <div className="columns">
      <Part title="Traffic">
        <dl className="figures three">
          <TrafficFigures title="in" traffic={inbound} />
        </dl>
      </Part>
      <Part title="Network">
        <dl className="facts">
          <dt>Host</dt>
          <dd className="mono">{service.host}</dd>
          <dt>Address</dt>
          <dd className="mono">{service.address ?? "none: callers get its endpoints' own"}</dd>
          <dt>Endpoints</dt>
          <dd>
            {endpoints.ready} of {endpoints.total} ready
          </dd>
          <dt>Ports</dt>
          <dd>
            {ports.map((port) => (
              <div key={port.number}>
                <span className="mono">
                  {port.number} → {port.target}
                </span>{" "}
                <span className="quiet">
                  {port.protocol}
                  {port.name && `, ${port.name}`}
                </span>
              </div>
            ))}
          </dd>
          <dt>Written in</dt>
          <dd className="mono">{service.at}</dd>
        </dl>
      </Part>
      <Part title="Workloads behind it">
        {workloads.length > 0 ? (
          <WorkloadList ids={workloads} />
        ) : (
          <p className="quiet">None. Its selector matches no Pod, or it has no selector.</p>
        )}
      </Part>
      <Part title="Configuration for its callers">
        {objects.length > 0 ? (
          <ObjectList objects={objects} />
        ) : (
          <p className="quiet">
            None: requests go to all its endpoints alike, with the mesh's defaults. A VirtualService, a DestinationRule
            or a route with this host would stand here.
          </p>
        )}
      </Part>
    </div>
  );
}
