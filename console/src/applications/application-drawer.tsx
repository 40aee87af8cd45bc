import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Part } from "../drawer/drawer.tsx";
import { useView } from "../frame/view.ts";
import { NotThere } from "../list/detail-state.tsx";
import { applicationsQuery, servicesQuery } from "../list/queries.ts";
import { ServiceLinks } from "../list/service-links.tsx";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { WorkloadList } from "../list/workload-list.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { LazyMiniGraph } from "../traffic/lazy-mini-graph.tsx";

const route = getRouteApi("/applications/$namespace/$name");

/** One application: its versions side by side, and the Services that lead to them. */
export function ApplicationDrawer(): ReactElement {
  const { namespace, name } = route.useParams();
  const { window } = useView();
  const query = useQuery(applicationsQuery(window));
  const services = useQuery(servicesQuery(window)).data;
  const app = query.data?.find((a) => a.namespace === namespace && a.name === name);
  if (!app)
    return (
      <NotThere name={name} back="/applications" query={query}>
        {`No workload of ${namespace} has the app label ${name} now.`}
      </NotThere>
    );
  const own = new Set(app.workloads);
  const leading = (services ?? []).filter((s) => s.workloads.some((id) => own.has(id)));
  return (
    <DetailDrawer
      subject={{ kind: "application", namespace, name, workloads: app.workloads }}
      health={app.health}
      sentence={app.sentence}
      back="/applications"
      actions={<CopyCli command={`npx weft status -n ${namespace} -o wide`} />}
    >
      <Part title="Around it">
        <LazyMiniGraph nodes={app.workloads} />
      </Part>
      <div className="columns">
        <Part title="Traffic">
          <dl className="figures three">
            <TrafficFigures title="in" traffic={app.inbound} />
            <TrafficFigures title="out" traffic={app.outbound} />
          </dl>
        </Part>
        <Part title="Services that lead here">
          <ServiceLinks services={leading} />
        </Part>
      </div>
      <Part title="Workloads">
        <WorkloadList ids={app.workloads} />
      </Part>
    </DetailDrawer>
  );
}
