import { Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { Graph } from "../../../src/api/contract/graph.ts";
import { useView } from "../frame/view.ts";
import { Icon } from "../icons/icon.tsx";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { ExportMenu } from "./export-menu.tsx";
import type { Point } from "./geometry.ts";
import { GraphBar } from "./graph-bar.tsx";
import { GraphNotes } from "./graph-notes.tsx";
import { GraphView } from "./graph-view.tsx";
import { warmUp } from "./layout.ts";
import { NodeMenu, opened } from "./node-menu.tsx";
import { pictureOf } from "./picture.ts";
import { Beside } from "./problems.tsx";
import { useTraffic, useTrafficSearch } from "./queries.ts";
import { firstFrame, usualSpan } from "./replay.ts";
import { ReplayBar } from "./replay-bar.tsx";
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
  const { data: graph, error, isPlaceholderData } = useTraffic();
  if (!graph) return error ? <Failure error={error} /> : <Skeleton />;
  return <TrafficOf graph={graph} search={search} waiting={isPlaceholderData} />;
}

interface TrafficOfProps {
  readonly graph: Graph;
  readonly search: TrafficSearch;
  /** The graph is of an address before this one; its own is on its way. */
  readonly waiting: boolean;
}

function TrafficOf({ graph, search, waiting }: TrafficOfProps): ReactElement {
  const { namespaces } = useView();
  const { _splat: selected } = useParams({ strict: false });
  const navigate = useNavigate();
  const change = useAddress();
  const open = useRouterState({ select: (state) => state.location.pathname !== "/traffic" });
  const picture = usePicture(graph, search);
  const [menu, setMenu] = useState<{ readonly id: string; readonly at: Point }>();
  const node = menu && graph.nodes.find((n) => n.id === menu.id);
  return (
    <div className="traffic">
      <h1 className="heard-only">Traffic</h1>
      <GraphBar search={search} picture={picture}>
        <ReplayButton search={search} />
        <ExportMenu picture={picture} />
      </GraphBar>
      {search.moment !== undefined && (
        <ReplayBar moment={search.moment} span={search.span ?? usualSpan} waiting={waiting} />
      )}
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
            if (folded) change({ expand: opened(search, folded.namespace) });
            else void navigate({ to: "/traffic/node/$", params: { _splat: id }, search: true });
          }}
          onEdge={(id) => void navigate({ to: "/traffic/edge/$", params: { _splat: id }, search: true })}
          onBackground={() => open && void navigate({ to: "/traffic", search: true })}
          onEnter={(id) => change({ focus: id })}
          onMenu={(id, at) => setMenu({ id, at })}
        >
          {() => (
            <>
              <GraphNotes graph={graph} search={search} />
              {node && menu && <NodeMenu node={node} at={menu.at} search={search} onClose={() => setMenu(undefined)} />}
            </>
          )}
        </GraphView>
      )}
      <Beside graph={graph} past={search.moment !== undefined} />
      <Outlet />
    </div>
  );
}

function ReplayButton({ search }: { readonly search: TrafficSearch }): ReactElement {
  const change = useAddress();
  const on = search.moment !== undefined;
  const start = () =>
    change(on ? { moment: undefined, span: undefined } : { moment: firstFrame(Date.now(), usualSpan) });
  return (
    <button type="button" className="plain-button" aria-pressed={on} onClick={start}>
      <Icon name="replay" size={14} />
      Replay
    </button>
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
