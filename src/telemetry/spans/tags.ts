/** What the tags of a proxy's span say, and those that are worth showing. */
export interface KnownTags {
  /** Istio's node id. */
  readonly node?: string;
  /** The service that was asked for. */
  readonly service?: string;
  readonly failed: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** Tags of one span that are kept. */
const most = 64;

/** What every span of a proxy says and nobody asks for. */
const dull = new Set(["component", "node_id", "zone", "downstream_cluster", "upstream_cluster"]);

/**
 * Reads the tags that Envoy puts on a span. A path's query is taken off: it may hold what nobody else shall read. Source:
 * www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/observability/tracing
 */
export function knownTags(said: Readonly<Record<string, string>>): KnownTags {
  const node = said["node_id"];
  const service = serviceOf(said["upstream_cluster.name"] ?? said["upstream_cluster"] ?? "");
  const kept = Object.entries(said).filter(([name, value]) => !dull.has(name) && value !== "" && value !== "-");
  return {
    ...(node === undefined ? {} : { node }),
    ...(service === undefined ? {} : { service }),
    failed: failed(said),
    tags: Object.fromEntries(kept.slice(0, most).map(([name, value]) => [name, isUrl.has(name) ? bare(value) : value])),
  };
}

const isUrl = new Set(["http.url", "url.full", "http.target"]);

function bare(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

/** `outbound|9080|v1|reviews.default.svc.cluster.local`; what comes in says no host. */
function serviceOf(cluster: string): string | undefined {
  const host = /^outbound\|\d*\|[^|]*\|(.+)$/.exec(cluster)?.[1];
  return host === undefined || host === "" ? undefined : host;
}

/** A 5xx, an error of gRPC, or no answer at all. */
function failed(said: Readonly<Record<string, string>>): boolean {
  const grpc = said["grpc.status_code"];
  if (grpc !== undefined) return !["0", "OK", ""].includes(grpc);
  const status = said["http.status_code"] ?? said["http.response.status_code"];
  if (status !== undefined) return status === "0" || Number(status) >= 500;
  return said["error"] !== undefined && said["error"] !== "false";
}
