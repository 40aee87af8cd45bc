import type { ReactElement } from "react";
import type { TrafficSummary } from "../../../src/api/contract/workloads.ts";
import { latency, percent, rate } from "../format/quantity.ts";

/** Rate, errors and p95 of one direction, as three figures. */
export function TrafficFigures({
  title,
  traffic,
}: {
  readonly title: string;
  readonly traffic: TrafficSummary;
}): ReactElement {
  return (
    <>
      <div>
        <dt>Rate {title}</dt>
        <dd>{rate(traffic.rate)}</dd>
      </div>
      <div>
        <dt>Errors {title}</dt>
        <dd className={traffic.errorShare >= 0.05 ? "bad" : undefined}>{percent(traffic.errorShare)}</dd>
      </div>
      <div>
        <dt>p95 {title}</dt>
        <dd>{latency(traffic.p95)}</dd>
      </div>
    </>
  );
}
