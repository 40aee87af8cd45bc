import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type Metric, type SeriesView, seriesQuery } from "../api/queries.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import type { Line } from "./lines.ts";
import { SmallChart } from "./small-chart.tsx";

type Of = { readonly node: string } | { readonly edge: string };

/** Rate, errors and latency of a node or an edge over time; bytes for TCP. */
export function Charts({
  of,
  tcp,
  view,
}: {
  readonly of: Of;
  readonly tcp: boolean;
  readonly view?: SeriesView;
}): ReactElement {
  const common = { of, ...(view ? { view } : {}) };
  return (
    <div className="charts">
      <Chart {...common} title={tcp ? "New connections" : "Requests"} metrics={["rate"]} format={rate} least={1} />
      {tcp ? (
        <Chart {...common} title="Bytes, both ways" metrics={["bytes"]} format={byteRate} least={1000} />
      ) : (
        <>
          <Chart {...common} title="Failed" metrics={["errors"]} format={percent} least={0.01} tone="failing" />
          <Chart {...common} title="Latency" metrics={["p50", "p95"]} format={latency} least={1} />
        </>
      )}
    </div>
  );
}

interface ChartProps {
  readonly of: Of;
  readonly view?: SeriesView;
  readonly title: string;
  readonly metrics: readonly [Metric] | readonly [Metric, Metric];
  readonly format: (value: number) => string;
  readonly least: number;
  readonly tone?: "failing";
}

const none: Line["points"] = [];

function Chart({ of, view, title, metrics, format, least, tone }: ChartProps): ReactElement {
  const { window } = useView();
  const [low, high = low] = metrics;
  const first = useQuery(seriesQuery(of, low, window, view)).data;
  const second = useQuery(seriesQuery(of, high, window, view)).data;
  const lines: readonly Line[] = [
    { name: low, points: first?.points ?? none },
    ...(high === low ? [] : [{ name: high, points: second?.points ?? none }]),
  ];
  return <SmallChart title={title} lines={lines} format={format} tone={tone ?? "plain"} least={least} />;
}
