import { Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { Graph } from "../../../src/api/contract/graph.ts";
import { useView } from "../frame/view.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { GraphBar } from "./graph-bar.tsx";
import { GraphView } from "./graph-view.tsx";
import { warmUp } from "./layout.ts";
import { pictureOf } from "./picture.ts";
import { Beside } from "./problems.tsx";
import { useTraffic, useTrafficSearch } from "./queries.ts";
import type { TrafficSearch } from "./search.ts";
import { flows } from "./strength.ts";
import { useAddress } from "./use-address.ts";
import "./traffic.css";
import "./graph-bar.css";

warmUp();

/** What the drawer covers of the graph: its width without the column beside. */
const coveredByDrawer = 140;

/** Home: the graph, with the three worst things beside it. */
export function TrafficPage(): ReactElement {
  const search = useTrafficSearch();
  const { data: graph, error } = useTraffic();
  if (!graph) return error ? <Failure error={error} /> : <Skeleton />;
  return <TrafficOf graph={graph} search={search} />;
}

function TrafficOf({ graph, search }: { readonly graph: Graph; readonly search: TrafficSearch }): ReactElement {
  const { namespaces } = useView();
  const { _splat: selected } = useParams({ strict: false });
  const navigate = useNavigate();
  const change = useAddress();
  const open = useRouterState({ select: (state) => state.location.pathname !== "/traffic" });
  const picture = usePicture(graph, search);
  return (
    <div className="traffic">
      <h1 className="heard-only">Traffic</h1>
      <GraphBar search={search} picture={picture} />
      {graph.nodes.length === 0 ? (
        <NoTraffic namespaces={namespaces} />
      ) : (
        <GraphView
          quiet={!graph.edges.some(flows)}
          picture={picture}
          scope={[search.type, search.focus, ...namespaces].join(",")}
          selected={selected}
          covered={open ? coveredByDrawer : 0}
          onNode={(id) => {
            const folded = graph.nodes.find((n) => n.id === id && n.type === "namespace");
            if (folded) change({ expand: [...(search.expand?.split(",") ?? []), folded.namespace].join(",") });
            else void navigate({ to: "/traffic/node/$", params: { _splat: id }, search: true });
          }}
          onEdge={(id) => void navigate({ to: "/traffic/edge/$", params: { _splat: id }, search: true })}
          onBackground={() => open && void navigate({ to: "/traffic", search: true })}
          onEnter={(id) => change({ focus: id })}
        />
      )}
      <Beside graph={graph} />
      <Outlet />
    </div>
  );
}

function usePicture(graph: Graph, search: TrafficSearch) {
  const { find, hide, show, label, kinds, focus } = search;
  return useMemo(
    () => pictureOf(graph, { find, hide, show, label, kinds, focus }),
    [graph, find, hide, show, label, kinds, focus],
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
