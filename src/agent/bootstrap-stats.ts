import type { BootstrapSettings } from "./bootstrap-settings.ts";

/**
 * What Envoy counts. An inclusion list keeps a proxy of a thousand clusters some 28 MB smaller; what it lets through is
 * Istio's own metrics, the state of the proxy itself, and the basics of every listener, cluster and connection manager.
 */
const stats = {
  stats_config: {
    stats_tags: [
      // `rate_limit.default/shop/writes.http_local_rate_limit.rate_limited`: one metric with its rule as a label, not one metric a rule.
      { tag_name: "rule", regex: "^rate_limit\\.((.+)\\.)http_local_rate_limit\\." },
      // Istio's names for what policies decide, and would decide.
      { tag_name: "authz_enforce_result", regex: "rbac(\\.(allowed|denied))$" },
      { tag_name: "authz_dry_run_action", regex: "(\\.istio_dry_run_(allow|deny)_)\\." },
      { tag_name: "authz_dry_run_result", regex: "(\\.shadow_(allowed|denied))$" },
    ],
    stats_matcher: {
      inclusion_list: {
        patterns: [
          { prefix: "istio" },
          { prefix: "cluster_manager." },
          { prefix: "listener_manager." },
          { prefix: "server." },
          { prefix: "control_plane." },
          { prefix: "overload." },
          { prefix: "cluster.xds-grpc." },
          { prefix: "weft" },
          // Envoy answers probes of TCP and gRPC by these figures: what it does not count is not there for it.
          { safe_regex: { regex: "cluster\\.weft-app/.*\\.membership_.*" } },
          { contains: ".rbac." },
          { contains: "shadow_" },
          { contains: "rate_limit" },
          // Of listeners alone: each cluster has two contexts of TLS, which count from the start on, whether it is called or not.
          { safe_regex: { regex: "listener\\..*\\.ssl\\..*" } },
          { suffix: ".update_rejected" },
          { suffix: ".update_success" },
          { suffix: ".upstream_cx_active" },
          { suffix: ".upstream_cx_total" },
          { suffix: ".upstream_cx_connect_fail" },
          { suffix: ".upstream_cx_none_healthy" },
          { suffix: ".upstream_cx_overflow" },
          { suffix: ".upstream_rq_active" },
          { suffix: ".upstream_rq_total" },
          { suffix: ".upstream_rq_timeout" },
          { suffix: ".upstream_rq_retry" },
          { suffix: ".upstream_rq_retry_overflow" },
          { suffix: ".upstream_rq_pending_active" },
          { suffix: ".upstream_rq_pending_overflow" },
          { suffix: ".outlier_detection.ejections_active" },
          { suffix: ".downstream_cx_active" },
          { suffix: ".downstream_cx_total" },
          { suffix: ".downstream_cx_overflow" },
          { suffix: ".downstream_cx_ssl_active" },
          { suffix: ".downstream_cx_drain_close" },
          { suffix: ".downstream_cx_protocol_error" },
          { suffix: ".downstream_rq_active" },
          { suffix: ".downstream_rq_total" },
          { contains: ".downstream_rq_5xx" },
          { contains: ".downstream_rq_4xx" },
          { suffix: ".no_filter_chain_match" },
        ],
      },
    },
    histogram_bucket_settings: [
      // Istio's bucket bounds, so that dashboards made for it read ours.
      {
        match: { prefix: "istio_request_duration" },
        buckets: [
          0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
        ],
      },
      {
        match: { prefix: "istio" },
        buckets: [1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 50000, 100000, 500000, 1000000, 10000000],
      },
    ],
  },
  stats_eviction_interval: "60s",
  stats_flush_interval: "1s",
  deferred_stat_options: { enable_deferred_creation_stats: true },
} as const;

/** What Envoy counts, with what users say of it. `ip`, the Pod's own, stands for `{pod_ip}`. */
export function statsOf(said: BootstrapSettings, ip: string): Record<string, unknown> {
  const { stats_tags, stats_matcher, histogram_bucket_settings } = stats.stats_config;
  const { prefixes = [], suffixes = [], regexps = [] } = said.stats ?? {};
  const own = (text: string) => text.replaceAll("{pod_ip}", ip);
  const seconds = (ms: number) => `${ms / 1000}s`;
  return {
    ...stats,
    stats_config: {
      stats_tags: [...stats_tags, ...(said.statTags ?? []).map(tag)],
      stats_matcher: {
        inclusion_list: {
          patterns: [
            ...stats_matcher.inclusion_list.patterns,
            ...prefixes.map((text) => ({ prefix: own(text) })),
            ...suffixes.map((text) => ({ suffix: own(text) })),
            ...regexps.map((text) => ({ safe_regex: { regex: own(text) } })),
          ],
        },
      },
      // The first that matches counts.
      histogram_bucket_settings: [
        ...(said.histogramBuckets ?? []).map(({ prefix, buckets }) => ({ match: { prefix }, buckets })),
        ...histogram_bucket_settings,
      ],
    },
    // Each flush sends all of them: as often as Envoy does by itself.
    ...(said.statsd === undefined && said.metricsService === undefined ? {} : { stats_flush_interval: "5s" }),
    ...(said.statsFlushMs === undefined ? {} : { stats_flush_interval: seconds(said.statsFlushMs) }),
    ...(said.statsEvictionMs === undefined ? {} : { stats_eviction_interval: seconds(said.statsEvictionMs) }),
  };
}

/** Source: Istio's bootstrap writes extra tags so. */
function tag(name: string): object {
  return { tag_name: name, regex: `(${name.replaceAll(".", "\\.")}\\.=\\.(.*?);\\.)` };
}
