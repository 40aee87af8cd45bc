import type { ReactElement } from "react";
import type { Graph } from "../../../src/api/contract/graph.ts";
import { count } from "../format/quantity.ts";
import { Icon } from "../icons/icon.tsx";
import { closed } from "./node-menu.tsx";
import { nameOf } from "./plates.ts";
import { shownOf, showText, type TrafficSearch } from "./search.ts";
import { useAddress } from "./use-address.ts";

/** What is not on the graph, or only in part, and how to have it. */
export function GraphNotes({
  graph,
  search,
}: {
  readonly graph: Graph;
  readonly search: TrafficSearch;
}): ReactElement | null {
  const change = useAddress();
  const focused = search.focus ? graph.nodes.find((n) => n.id === search.focus) : undefined;
  const open = graph.folded ? (search.expand?.split(",") ?? []) : [];
  if (!search.focus && !graph.folded && !graph.noise) return null;
  return (
    <div className="graph-notes">
      {search.focus && (
        <Chip
          words={focused ? `${nameOf(focused)} and its neighbours` : "Its node is not here now: the whole graph"}
          label="Show the whole graph"
          onClick={() => change({ focus: undefined })}
        />
      )}
      {graph.folded && (
        <span className="chip">
          {graph.folded.nodes} nodes, {count(graph.folded.namespaces.length, "namespace")} folded: click one to open it
        </span>
      )}
      {open.map((name) => (
        <Chip key={name} words={name} label={`Fold ${name}`} onClick={() => change({ expand: closed(search, name) })} />
      ))}
      {graph.noise && (
        <button
          type="button"
          className="chip"
          onClick={() => change({ show: showText(new Set([...shownOf(search.show), "noise"])) })}
        >
          {count(graph.noise, "edge")} of scrapes and probes left out: show
        </button>
      )}
    </div>
  );
}

interface ChipProps {
  readonly words: string;
  readonly label: string;
  readonly onClick: () => void;
}

function Chip({ words, label, onClick }: ChipProps): ReactElement {
  return (
    <button type="button" className="chip" aria-label={label} title={label} onClick={onClick}>
      {words} <Icon name="close" size={12} />
    </button>
  );
}
