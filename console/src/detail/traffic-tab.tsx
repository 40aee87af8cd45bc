import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { graphQuery } from "../api/queries.ts";
import { Part } from "../drawer/drawer.tsx";
import { useView } from "../frame/view.ts";
import { Empty, Skeleton } from "../notes/notes.tsx";
import { EdgeTable } from "../traffic/edge-table.tsx";
import type { TabProps } from "./tabs.ts";

/** Who calls it and what it calls, edge by edge; worst first. */
export function TrafficTab({ subject }: TabProps): ReactElement {
  const { window } = useView();
  const graph = useQuery(graphQuery([], window)).data;
  if (!graph) return <Skeleton />;
  const own = new Set(subject.workloads);
  const inbound = graph.edges.filter((e) => own.has(e.target));
  const outbound = graph.edges.filter((e) => own.has(e.source));
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
