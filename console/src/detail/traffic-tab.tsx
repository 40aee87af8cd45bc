import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { graphQuery } from "../api/queries.ts";
import { Part } from "../drawer/drawer.tsx";
import { useView } from "../frame/view.ts";
import { Empty, Skeleton } from "../notes/notes.tsx";
import { EdgeTable } from "../traffic/edge-table.tsx";
import type { Subject } from "./subject.ts";
import type { TabProps } from "./tabs.ts";

/** Edges to and from a subject: of a Service those that asked for its host, of others those of its workloads; none between these. */
function edgesAt({ workloads, host }: Subject, { edges }: Graph): Record<"inbound" | "outbound", readonly GraphEdge[]> {
  if (host !== undefined)
    return { inbound: edges.filter((e) => e.service === host || e.target === `external/${host}`), outbound: [] };
  const own = new Set(workloads);
  return {
    inbound: edges.filter((e) => own.has(e.target) && !own.has(e.source)),
    outbound: edges.filter((e) => own.has(e.source) && !own.has(e.target)),
  };
}

/** Who calls it and what it calls, edge by edge; worst first. */
export function TrafficTab({ subject }: TabProps): ReactElement {
  const { window } = useView();
  const graph = useQuery(graphQuery([], window)).data;
  if (!graph) return <Skeleton />;
  const { inbound, outbound } = edgesAt(subject, graph);
  if (inbound.length + outbound.length === 0)
    return (
      <Empty title="No traffic in this time" command="npx weft load">
        Here stands who calls {subject.name}, and what it calls, as soon as a request goes through its proxy. A longer
        time range may show some; this makes some:
      </Empty>
    );
  return (
    <>
      {inbound.length > 0 && (
        <Part title="Called by">
          <EdgeTable edges={inbound} graph={graph} side="source" />
        </Part>
      )}
      {outbound.length > 0 && (
        <Part title="Calls">
          <EdgeTable edges={outbound} graph={graph} side="target" />
        </Part>
      )}
    </>
  );
}
