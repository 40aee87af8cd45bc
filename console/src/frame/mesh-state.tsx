import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { LiveState } from "../api/live.ts";
import { meshQuery } from "../api/queries.ts";
import { clockTime } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

/** The mesh as one mark and one sentence. */
export function MeshState({ live }: { readonly live: LiveState }): ReactElement {
  const { data: mesh } = useQuery(meshQuery);
  const away = live === "away";
  return (
    <div className="mesh-state" role="status" aria-label="Mesh">
      <HealthMark health={away || !mesh ? "unknown" : mesh.health} />
      {mesh && <b>{mesh.name}</b>}
      <span className="quiet cut sentence" title={mesh?.sentence}>
        {away ? "The control plane does not answer" : mesh?.sentence}
      </span>
    </div>
  );
}

/** Says that nobody answers, since when, and what helps. Goes away by itself. */
export function AwayNote(): ReactElement {
  const { dataUpdatedAt } = useQuery(meshQuery);
  return (
    <div className="away-note" role="alert">
      <HealthMark health="failing" />
      <span>
        The control plane at {location.host} does not answer.{" "}
        {dataUpdatedAt > 0 ? `What you see is of ${clockTime(dataUpdatedAt, true)}. ` : ""}
        The proxies go on with what they have. It is asked again every few seconds; is it running?
      </span>
      <code>npx weft status</code>
    </div>
  );
}
