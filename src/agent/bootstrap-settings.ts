/** What users say of the bootstrap of one proxy; what is absent is Weft's own. */
export interface BootstrapSettings {
  /** Statistics that are kept beside those of every proxy. */
  readonly stats?: {
    readonly prefixes: readonly string[];
    readonly suffixes: readonly string[];
    /** Of RE2, for whole names. */
    readonly regexps: readonly string[];
  };
  /** Tags that Wasm modules write into the names of their statistics: `shop_orders.region.=.eu;.`. */
  readonly statTags?: readonly string[];
  /** Bounds of histograms whose names begin so, rising. */
  readonly histogramBuckets?: readonly { readonly prefix: string; readonly buckets: readonly number[] }[];
  readonly statsFlushMs?: number;
  /** A multiple of the flush interval. */
  readonly statsEvictionMs?: number;
  /** How the page of metrics is packed for whoever takes it so. */
  readonly statsCompression?: "gzip" | "brotli" | "zstd";
  /** Metrics are sent there as StatsD, by UDP. */
  readonly statsd?: { readonly address: string; readonly port: number };
  /** And there to Envoy's MetricsService, by gRPC in plaintext. */
  readonly metricsService?: {
    readonly address: string;
    readonly port: number;
    readonly keepalive?: { readonly probes?: number; readonly timeSeconds?: number; readonly intervalSeconds?: number };
  };
  /** Envoy's runtime. */
  readonly runtime?: Readonly<Record<string, string | boolean>>;
}
