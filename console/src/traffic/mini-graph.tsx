import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { useView } from "../frame/view.ts";
import { Skeleton } from "../notes/notes.tsx";
import { GraphView } from "./graph-view.tsx";
import { pictureOf } from "./picture.ts";
import { trafficQuery } from "./queries.ts";
import type { TrafficSearch } from "./search.ts";
import "./traffic.css";
import "./graph-bar.css";

interface MiniGraphProps {
  /** A node of the graph, or several: `workload/default/reviews-v1`. They are shown with those that they talk to. */
  readonly nodes: readonly string[];
  readonly type?: TrafficSearch["type"];
}

/** A small live graph around something, for the page about it. A click opens it on the large one. */
export function MiniGraph({ nodes, type }: MiniGraphProps): ReactElement {
  const { window } = useView();
  const navigate = useNavigate();
  const { data: whole } = useQuery(trafficQuery([], window, type ? { type } : {}));
  const ids = nodes.join("\n");
  const picture = useMemo(() => {
    if (!whole) return undefined;
    const wanted = new Set(ids.split("\n"));
    const edges = whole.edges.filter((e) => wanted.has(e.source) || wanted.has(e.target));
    const near = new Set([...wanted, ...edges.flatMap((e) => [e.source, e.target])]);
    const graph = { ...whole, edges, nodes: whole.nodes.filter((n) => near.has(n.id)) };
    return pictureOf(graph, { show: "-namespaces,-apps" });
  }, [whole, ids]);
  if (!picture) return <Skeleton />;
  const focus = nodes.length === 1 ? nodes[0] : undefined;
  const search = { type, focus } as never;
  if (picture.graph.nodes.length === 0)
    return <p className="quiet">Who calls it and whom it calls is here as soon as something flows.</p>;
  return (
    <div className="mini-graph">
      <GraphView
        small
        picture={picture}
        scope={ids}
        quiet={false}
        selected={focus}
        covered={0}
        onNode={(id) => void navigate({ to: "/traffic/node/$", params: { _splat: id }, search })}
        onEdge={(id) => void navigate({ to: "/traffic/edge/$", params: { _splat: id }, search })}
        onBackground={() => {}}
      />
      <Link to="/traffic" search={search} className="mini-link">
        In the whole graph
      </Link>
    </div>
  );
}
