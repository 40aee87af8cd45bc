import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { GroupChart } from "../charts/group-chart.tsx";
import { useAddressed } from "../detail/detail-search.ts";
import type { Subject } from "../detail/subject.ts";
import type { TabProps } from "../detail/tabs.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import { Segments } from "../frame/segments.tsx";
import { useView } from "../frame/view.ts";
import { type MetricsQuestion, metricsQuery } from "./queries.ts";
import "./metrics.css";

const directions = [
  { value: "inbound", label: "In", words: "what it receives" },
  { value: "outbound", label: "Out", words: "what it sends" },
] as const;
const groupings = [
  { value: "all", label: "Sum" },
  { value: "peer", label: "Peer" },
  { value: "service", label: "Service" },
  { value: "version", label: "Version" },
  { value: "code", label: "Code" },
  { value: "flag", label: "Flag" },
  { value: "protocol", label: "Protocol" },
] as const;
const reporters = [
  { value: "", label: "Both", words: "reported by servers, and by clients what never arrived" },
  { value: "destination", label: "Server", words: "reported by servers" },
  { value: "source", label: "Client", words: "reported by clients" },
] as const;
const quantiles = [
  { value: "avg", label: "avg", words: "average" },
  { value: "p50", label: "p50" },
  { value: "p95", label: "p95" },
  { value: "p99", label: "p99" },
] as const;

/** Requests, failures, latency and bytes over time, in or out, told apart by what is chosen. */
export function MetricsTab({ subject }: TabProps): ReactElement {
  const onlyIn = subject.workloads.length === 0;
  const [direction = "inbound", setDirection] = useAddressed("direction");
  const [by = "all", setBy] = useAddressed("by");
  const [reporter = "", setReporter] = useAddressed("reporter");
  const [quantile = "p95", setQuantile] = useAddressed("quantile");
  const asked: Omit<MetricsQuestion, "metric" | "window"> = {
    subject,
    direction: direction === "outbound" && !onlyIn ? "outbound" : "inbound",
    by,
    reporter,
  };
  return (
    <div className="metrics">
      <div className="metrics-tools">
        {!onlyIn && (
          <Segments<string> label="Direction" segments={directions} value={asked.direction} onChange={setDirection} />
        )}
        <span className="quiet">by</span>
        <Segments<string> label="Told apart by" segments={groupings} value={by} onChange={setBy} />
        <span className="quiet">reported by</span>
        <Segments<string> label="Reporter" segments={reporters} value={reporter} onChange={setReporter} />
        <span className="quiet">latency</span>
        <Segments<string> label="Latency" segments={quantiles} value={quantile} onChange={setQuantile} />
      </div>
      <div className="metrics-charts">
        <Chart title="Requests" metric="rate" format={rate} least={1} asked={asked} />
        <Chart title="Failed" metric="errors" format={percent} least={0.01} asked={asked} />
        <Chart title={`Latency, ${quantile}`} metric={quantile} format={latency} least={1} asked={asked} />
        <Chart title="Bytes, both ways" metric="bytes" format={byteRate} least={1000} asked={asked} />
      </div>
    </div>
  );
}

interface ChartProps {
  readonly title: string;
  readonly metric: string;
  readonly format: (value: number) => string;
  readonly least: number;
  readonly asked: Omit<MetricsQuestion, "metric" | "window"> & { readonly subject: Subject };
}

function Chart({ title, metric, format, least, asked }: ChartProps): ReactElement {
  const { window } = useView();
  // Codes and flags part requests alone: how long the others took is not kept by code.
  const by = metric !== "rate" && (asked.by === "code" || asked.by === "flag") ? "all" : asked.by;
  const { data } = useQuery(metricsQuery({ ...asked, by, metric, window }));
  return (
    <GroupChart title={title} groups={data?.groups ?? none} more={data?.more ?? 0} format={format} least={least} />
  );
}

const none: readonly never[] = [];
