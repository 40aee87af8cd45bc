import type { ReactElement } from "react";
import type { Health } from "../../../src/api/contract/health.ts";
import type { HealthCounts } from "../../../src/api/contract/inventory.ts";
import { HealthMark } from "./health-mark.tsx";

const order: readonly Health[] = ["failing", "degraded", "unknown", "healthy"];

/** How many are how: a mark and a number each, what there is none of left out. */
export function HealthBar({ counts }: { readonly counts: HealthCounts }): ReactElement {
  const shown = order.filter((health) => counts[health] > 0);
  if (shown.length === 0) return <span className="quiet">none</span>;
  return (
    <span className="health-bar">
      {shown.map((health) => (
        <span key={health}>
          <HealthMark health={health} /> {counts[health]}
        </span>
      ))}
    </span>
  );
}
