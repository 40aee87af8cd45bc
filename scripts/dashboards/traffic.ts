import type { Dashboard, Panel, Row, Target } from "./panel.ts";

const window = "[$__rate_interval]";
const client = 'reporter=~"source|waypoint"';

const rate = (metric: string, labels: string) => `rate(${metric}{${labels}}${window})`;
const sum = (metric: string, labels: string, by = "") =>
  `sum ${by === "" ? "" : `by (${by}) `}(${rate(metric, labels)})`;
const share = (labels: string, of: string, by = "") => {
  const on = by === "" ? "" : `by (${by}) `;
  return `sum ${on}(${rate("istio_requests_total", `${labels},${of}`)}) / sum ${on}(${rate("istio_requests_total", labels)})`;
};
const quantile = (q: number, metric: string, labels: string, by = "") =>
  `histogram_quantile(${q}, sum by (${by === "" ? "le" : `le, ${by}`}) (${rate(`${metric}_bucket`, labels)}))`;

const stat = (title: string, unit: string, expr: string): Panel => ({ title, type: "stat", unit, targets: [{ expr }] });
const chart = (title: string, unit: string, ...targets: Target[]): Panel => ({
  title,
  type: "timeseries",
  unit,
  targets,
});
const table = (title: string, ...exprs: string[]): Panel => ({
  title,
  type: "table",
  unit: "short",
  targets: exprs.map((expr) => ({ expr, instant: true })),
});

const notFailed = 'response_code!~"5..|0"';
const duration = "istio_request_duration_milliseconds";
const percentiles = (labels: string) =>
  [0.5, 0.9, 0.99].map((q) => ({ expr: quantile(q, duration, labels), legend: `p${q * 100}` }));

const workload = "destination_workload, destination_workload_namespace";

export const mesh: Dashboard = {
  uid: "weft-mesh",
  title: "Weft: mesh",
  description: "All traffic of the mesh, by the clients' reports.",
  variables: [],
  rows: [
    {
      title: "Mesh",
      panels: [
        stat("Requests", "reqps", sum("istio_requests_total", client)),
        stat("Success", "percentunit", share(client, notFailed)),
        stat("4xx", "reqps", `${sum("istio_requests_total", `${client},response_code=~"4.."`)} or vector(0)`),
        stat(
          "5xx and no answer",
          "reqps",
          `${sum("istio_requests_total", `${client},response_code=~"5..|0"`)} or vector(0)`,
        ),
        stat("Mutual TLS", "percentunit", share('reporter="destination"', 'connection_security_policy="mutual_tls"')),
        stat(
          "To the outside",
          "reqps",
          `${sum("istio_requests_total", `${client},destination_service_name=~"PassthroughCluster|BlackHoleCluster|AllowAnyDynamicDNSCluster"`)} or vector(0)`,
        ),
        stat("TCP connections opened", "cps", sum("istio_tcp_connections_opened_total", client)),
        stat("Proxies that answer", "short", "sum(weft_proxy_scrape_up) or count(envoy_server_live == 1)"),
      ],
    },
    {
      title: "Over time",
      panels: [
        chart("Requests by code", "reqps", {
          expr: sum("istio_requests_total", client, "response_code"),
          legend: "{{response_code}}",
        }),
        chart("Duration", "ms", ...percentiles(client)),
        chart("Requests by protocol", "reqps", {
          expr: sum("istio_requests_total", client, "request_protocol"),
          legend: "{{request_protocol}}",
        }),
        chart(
          "Messages of gRPC",
          "mps",
          { expr: sum("istio_request_messages_total", client), legend: "requests" },
          { expr: sum("istio_response_messages_total", client), legend: "responses" },
        ),
      ],
    },
    {
      title: "Workloads",
      panels: [
        table(
          "HTTP and gRPC",
          sum("istio_requests_total", client, workload),
          quantile(0.5, duration, client, workload),
          quantile(0.99, duration, client, workload),
          share(client, notFailed, workload),
        ),
        table(
          "TCP",
          sum("istio_tcp_sent_bytes_total", client, workload),
          sum("istio_tcp_received_bytes_total", client, workload),
          sum("istio_tcp_connections_opened_total", client, workload),
        ),
      ],
    },
  ],
};

const bytes = (labels: string): Panel[] => [
  chart("Size of requests (p90)", "bytes", { expr: quantile(0.9, "istio_request_bytes", labels), legend: "p90" }),
  chart("Size of responses (p90)", "bytes", { expr: quantile(0.9, "istio_response_bytes", labels), legend: "p90" }),
];

const tcp = (labels: string): Panel[] => [
  chart(
    "Bytes of TCP",
    "Bps",
    { expr: sum("istio_tcp_sent_bytes_total", labels), legend: "sent" },
    { expr: sum("istio_tcp_received_bytes_total", labels), legend: "received" },
  ),
  chart(
    "Connections of TCP",
    "cps",
    { expr: sum("istio_tcp_connections_opened_total", labels), legend: "opened" },
    { expr: sum("istio_tcp_connections_closed_total", labels), legend: "closed" },
  ),
];

const half = (title: string, labels: string, by: string, legend: string): Row => ({
  title,
  panels: [
    stat("Requests", "reqps", sum("istio_requests_total", labels)),
    stat("Success", "percentunit", share(labels, notFailed)),
    stat("p50", "ms", quantile(0.5, duration, labels)),
    stat("p99", "ms", quantile(0.99, duration, labels)),
    chart(`Requests by ${legend}`, "reqps", {
      expr: sum("istio_requests_total", labels, `${by}, response_code`),
      legend: `{{${by}}} {{response_code}}`,
    }),
    chart("Duration", "ms", ...percentiles(labels)),
    ...bytes(labels),
    ...tcp(labels),
  ],
});

export const service: Dashboard = {
  uid: "weft-service",
  title: "Weft: service",
  description: "Who calls a service, and how it answers: by its clients' reports, and by its own.",
  variables: [{ name: "service", label: "Service", query: "label_values(istio_requests_total, destination_service)" }],
  rows: [
    half("By its clients", `${client},destination_service="$service"`, "source_workload", "client"),
    half(
      "By its workloads",
      'reporter="destination",destination_service="$service"',
      "destination_workload",
      "workload",
    ),
  ],
};

export const workloads: Dashboard = {
  uid: "weft-workload",
  title: "Weft: workload",
  description: "What comes to a workload by its own report, and what it sends.",
  variables: [
    {
      name: "namespace",
      label: "Namespace",
      query: "label_values(istio_requests_total, destination_workload_namespace)",
    },
    {
      name: "workload",
      label: "Workload",
      query: 'label_values(istio_requests_total{destination_workload_namespace="$namespace"}, destination_workload)',
    },
  ],
  rows: [
    half(
      "What comes in",
      'reporter="destination",destination_workload="$workload",destination_workload_namespace="$namespace"',
      "source_workload",
      "client",
    ),
    half(
      "What goes out",
      `${client},source_workload="$workload",source_workload_namespace="$namespace"`,
      "destination_service",
      "service",
    ),
  ],
};
