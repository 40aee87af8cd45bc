import type { ReactElement } from "react";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import type { Flow } from "./sums.ts";

/** The figures of a flow, those of its protocol. */
export function EdgeFigures({ edge }: { readonly edge: Flow }): ReactElement {
  const bytes: readonly Figure[] = [
    ["Sent", byteRate(edge.bytesSentRate)],
    ["Received", byteRate(edge.bytesReceivedRate)],
  ];
  const figures: readonly Figure[] =
    edge.protocol === "tcp"
      ? [
          ["New", rate(edge.rate)],
          ["Open now", String(edge.open ?? 0)],
          ...bytes,
          ["Through mTLS", percent(edge.mtlsShare)],
        ]
      : [
          ["Rate", rate(edge.rate)],
          ["Failed", percent(edge.errorShare), edge.errorShare >= 0.05],
          ["Through mTLS", percent(edge.mtlsShare)],
          ["p50", latency(edge.p50)],
          ["p95", latency(edge.p95)],
          ["p99", latency(edge.p99)],
          ...bytes,
        ];
  return (
    <dl className="figures">
      {figures.map(([title, value, bad]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className={bad ? "bad" : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Figure = readonly [title: string, value: string, bad?: boolean];
