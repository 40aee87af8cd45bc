import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Part } from "../drawer/drawer.tsx";
import { byteRate } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { NotThere } from "../list/detail-state.tsx";
import { ObjectLink } from "../list/object-list.tsx";
import { externalsQuery } from "../list/queries.ts";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { WorkloadList } from "../list/workload-list.tsx";

const route = getRouteApi("/outside/host/$");

/** One host outside: who calls it, how often, and what the mesh knows of it. */
export function ExternalDrawer(): ReactElement {
  const { _splat: host = "" } = route.useParams();
  const query = useQuery(externalsQuery(useView().window));
  const item = query.data?.find((e) => e.host === host);
  if (!item)
    return (
      <NotThere name={host} back="/outside" query={query}>
        {`Nobody called ${host} in this time, and no ServiceEntry names it.`}
      </NotThere>
    );
  return (
    <DetailDrawer
      subject={{ kind: "external", namespace: "", name: host, workloads: [], host }}
      health={item.health}
      sentence={item.sentence}
      back="/outside"
    >
      <div className="columns">
        <Part title="Traffic">
          <dl className="figures three">
            <TrafficFigures title="to it" traffic={item.outbound} />
            <div>
              <dt>Bytes to it</dt>
              <dd>{byteRate(item.bytes.sent)}</dd>
            </div>
            <div>
              <dt>Bytes from it</dt>
              <dd>{byteRate(item.bytes.received)}</dd>
            </div>
          </dl>
        </Part>
        <Part title="What the mesh knows of it">
          {item.entry ? (
            <p>
              <ObjectLink object={item.entry} /> <span className="quiet mono">{item.entry.at}</span>
            </p>
          ) : (
            <p className="quiet">
              No ServiceEntry names it: no route, timeout, retry or policy can be set for it, and a mesh that only lets
              known hosts out would cut it off.
            </p>
          )}
        </Part>
      </div>
      <Part title="Called by">
        <WorkloadList ids={item.callers} />
      </Part>
    </DetailDrawer>
  );
}
