import type { Dashboard, Panel, Target } from "./panel.ts";

const window = "[$__rate_interval]";
const stat = (title: string, unit: string, expr: string): Panel => ({ title, type: "stat", unit, targets: [{ expr }] });
const chart = (title: string, unit: string, ...targets: Target[]): Panel => ({
  title,
  type: "timeseries",
  unit,
  targets,
});

export const controlPlane: Dashboard = {
  uid: "weft-control-plane",
  title: "Weft: control plane",
  description: "What the control plane is told and sends, how long that takes, its certificates and its resources.",
  variables: [],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Proxies connected", "short", "sum(pilot_xds)"),
        stat("Answers refused", "short", "sum(pilot_total_xds_rejects) or vector(0)"),
        stat("Faults of its own", "short", "sum(pilot_total_xds_internal_errors)"),
        stat("Root ends in", "s", "min(citadel_server_root_cert_expiry_seconds)"),
        stat("Services", "short", "sum(pilot_services)"),
        stat("VirtualServices", "short", "sum(pilot_virt_services)"),
        stat("First certificate ends in", "s", "min(cert_expiry_seconds)"),
        { ...stat("Version", "short", "sum by (tag) (istio_build)") },
      ],
    },
    {
      title: "Configuration",
      panels: [
        chart("Answers sent", "ops", { expr: `sum by (type) (rate(pilot_xds_pushes${window}))`, legend: "{{type}}" }),
        chart(
          "From a change to the proxy",
          "s",
          {
            expr: `histogram_quantile(0.5, sum by (le) (rate(pilot_proxy_convergence_time_bucket${window})))`,
            legend: "p50",
          },
          {
            expr: `histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket${window})))`,
            legend: "p99",
          },
        ),
        chart(
          "Waiting for its turn, and making (p99)",
          "s",
          {
            expr: `histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_queue_time_bucket${window})))`,
            legend: "waiting",
          },
          {
            expr: `histogram_quantile(0.99, sum by (le, type) (rate(pilot_xds_push_time_bucket${window})))`,
            legend: "{{type}}",
          },
        ),
        chart(
          "What it is told",
          "ops",
          { expr: `sum by (type, event) (rate(pilot_k8s_cfg_events${window}))`, legend: "{{type}} {{event}}" },
          { expr: `sum by (type, event) (rate(pilot_k8s_reg_events${window}))`, legend: "{{type}} {{event}}" },
        ),
        chart("What begins a push", "ops", {
          expr: `sum by (type) (rate(pilot_push_triggers${window}))`,
          legend: "{{type}}",
        }),
        chart("Size of answers (p99)", "bytes", {
          expr: `histogram_quantile(0.99, sum by (le, type) (rate(pilot_xds_config_size_bytes_bucket${window})))`,
          legend: "{{type}}",
        }),
        chart(
          "Webhooks",
          "ops",
          { expr: `sum(rate(galley_validation_passed${window})) or vector(0)`, legend: "taken" },
          { expr: `sum(rate(galley_validation_failed${window})) or vector(0)`, legend: "refused" },
          { expr: `sum(rate(sidecar_injection_success_total${window}))`, legend: "injected" },
          { expr: `sum(rate(sidecar_injection_failure_total${window}))`, legend: "injection refused" },
        ),
      ],
    },
    {
      title: "Certificates",
      panels: [
        chart(
          "Asked for and signed",
          "ops",
          { expr: `sum(rate(citadel_server_csr_count${window}))`, legend: "asked for" },
          { expr: `sum(rate(citadel_server_success_cert_issuance_count${window}))`, legend: "signed" },
          { expr: `sum(rate(citadel_server_authentication_failure_count${window}))`, legend: "strangers" },
        ),
      ],
    },
    {
      title: "The process",
      panels: [
        chart("CPU", "percentunit", {
          expr: `sum by (instance) (rate(process_cpu_seconds_total${window}))`,
          legend: "{{instance}}",
        }),
        chart(
          "Memory",
          "bytes",
          { expr: "sum by (instance) (process_resident_memory_bytes)", legend: "resident {{instance}}" },
          { expr: "sum by (instance) (nodejs_heap_size_used_bytes)", legend: "heap {{instance}}" },
        ),
        chart("Event loop lag (p99)", "s", {
          expr: "max by (instance) (nodejs_eventloop_lag_p99_seconds)",
          legend: "{{instance}}",
        }),
        chart("Open files", "short", { expr: "sum by (instance) (process_open_fds)", legend: "{{instance}}" }),
      ],
    },
  ],
};

export const proxies: Dashboard = {
  uid: "weft-proxies",
  title: "Weft: proxies",
  description: "The Envoys themselves: which answer, how long they run, what they hold.",
  variables: [{ name: "namespace", label: "Namespace", query: "label_values(envoy_server_live, namespace)" }],
  rows: [
    {
      title: "All",
      panels: [
        stat("Live", "short", "sum(envoy_server_live)"),
        stat("Connected to the control plane", "short", "sum(envoy_control_plane_connected_state)"),
        stat("Memory of all", "bytes", "sum(envoy_server_memory_physical_size)"),
        stat("First certificate ends in", "d", "min(envoy_server_days_until_first_cert_expiring)"),
      ],
    },
    {
      title: "Of the namespace",
      panels: [
        chart("Memory", "bytes", {
          expr: 'max by (pod) (envoy_server_memory_physical_size{namespace="$namespace"})',
          legend: "{{pod}}",
        }),
        chart("Heap", "bytes", {
          expr: 'max by (pod) (envoy_server_memory_allocated{namespace="$namespace"})',
          legend: "{{pod}}",
        }),
        chart("Connections", "short", {
          expr: 'sum by (pod) (envoy_server_total_connections{namespace="$namespace"})',
          legend: "{{pod}}",
        }),
        chart("Uptime", "s", { expr: 'min by (pod) (envoy_server_uptime{namespace="$namespace"})', legend: "{{pod}}" }),
        chart("Series of Istio's metrics", "short", {
          expr: 'count by (pod) ({__name__=~"istio_.*",namespace="$namespace"})',
          legend: "{{pod}}",
        }),
        chart("Requests reported", "reqps", {
          expr: `sum by (pod, reporter) (rate(istio_requests_total{namespace="$namespace"}${window}))`,
          legend: "{{pod}} {{reporter}}",
        }),
      ],
    },
  ],
};
