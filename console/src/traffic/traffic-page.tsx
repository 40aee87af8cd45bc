import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { graphQuery } from "../api/queries.ts";
import { useView } from "../frame/view.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { GraphView } from "./graph-view.tsx";
import { warmUp } from "./layout.ts";
import { Beside } from "./problems.tsx";
import { flows } from "./strength.ts";
import "./traffic.css";

warmUp();

/** What the drawer covers of the graph: its width without the column beside. */
const coveredByDrawer = 140;

/** Home: the graph, with the three worst things beside it. */
export function TrafficPage(): ReactElement {
  const { namespaces, window } = useView();
  const { data: graph, error } = useQuery(graphQuery(namespaces, window));
  const { _splat: selected } = useParams({ strict: false });
  const navigate = useNavigate();
  const open = useRouterState({ select: (state) => state.location.pathname !== "/traffic" });
  if (!graph) return error ? <Failure error={error} /> : <Skeleton />;
  return (
    <div className="traffic">
      <h1 className="heard-only">Traffic</h1>
      {graph.nodes.length === 0 ? (
        <NoTraffic namespaces={namespaces} />
      ) : (
        <GraphView
          quiet={!graph.edges.some(flows)}
          graph={graph}
          scope={namespaces.join(",")}
          selected={selected}
          covered={open ? coveredByDrawer : 0}
          onNode={(id) => void navigate({ to: "/traffic/node/$", params: { _splat: id }, search: true })}
          onEdge={(id) => void navigate({ to: "/traffic/edge/$", params: { _splat: id }, search: true })}
          onBackground={() => open && void navigate({ to: "/traffic", search: true })}
        />
      )}
      <Beside graph={graph} />
      <Outlet />
    </div>
  );
}

function NoTraffic({ namespaces }: { readonly namespaces: readonly string[] }): ReactElement {
  const where = namespaces.length === 0 ? "" : ` in ${namespaces.join(", ")}`;
  return (
    <Empty title={`No traffic${where}`} command="npx weft load">
      Here is a live graph of who calls whom, how often, how fast and with how many errors, as soon as a request goes
      through the mesh. This makes some:
    </Empty>
  );
}
