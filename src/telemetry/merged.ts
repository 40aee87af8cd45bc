import { type Exposition, escapeLabel, type Family, type Sampled } from "./exposition.ts";

/** One proxy's last answer, with the Pod that a Prometheus would have scraped it from. */
export interface ProxyAnswer {
  readonly pod: string;
  readonly namespace: string;
  /** Whether the last look reached it. */
  readonly up: boolean;
  readonly exposition: Exposition;
}

/** Prometheus' content type for what `mergedText` writes. */
export const contentType = "text/plain; version=0.0.4; charset=utf-8";

const help: Readonly<Record<string, string>> = {
  istio_requests_total: "Requests, by both ends' workloads, code and flags.",
  istio_request_duration_milliseconds: "Time from the request's first byte to the response's last, in milliseconds.",
  istio_request_bytes: "Size of requests with their bodies, in bytes.",
  istio_response_bytes: "Size of responses with their bodies, in bytes.",
  istio_request_messages_total: "Messages that clients sent in gRPC calls.",
  istio_response_messages_total: "Messages that servers sent in gRPC calls.",
  istio_tcp_sent_bytes_total: "Bytes sent back to clients on TCP connections.",
  istio_tcp_received_bytes_total: "Bytes received from clients on TCP connections.",
  istio_tcp_connections_opened_total: "TCP connections opened.",
  istio_tcp_connections_closed_total: "TCP connections closed.",
};

/**
 * All proxies' series in one text, each with the labels `pod` and `namespace` that a scrape of its Pod would have added. A label of that name that the
 * series has itself becomes `exported_pod`, as with Prometheus.
 */
export function* mergedText(proxies: readonly ProxyAnswer[]): Generator<string> {
  const unique = [...new Map(proxies.map((p) => [`${p.namespace}/${p.pod}`, p])).values()];
  const types = new Map<string, Family["type"]>();
  for (const proxy of unique) {
    for (const family of proxy.exposition.values()) types.set(family.name, family.type);
  }
  for (const name of [...types.keys()].sort()) {
    const type = types.get(name);
    yield `# HELP ${name} ${help[name] ?? "As the proxies report it."}\n# TYPE ${name} ${type}\n`;
    for (const proxy of unique) {
      const family = proxy.exposition.get(name);
      if (family === undefined || family.type !== type) continue;
      const own = `pod="${escapeLabel(proxy.pod)}",namespace="${escapeLabel(proxy.namespace)}"`;
      let text = "";
      for (const series of family.series.values()) text += lines(name, own, series);
      yield text;
    }
  }
  if (unique.length > 0) {
    yield "# HELP weft_proxy_scrape_up Whether the last look at the proxy's metrics reached it.\n# TYPE weft_proxy_scrape_up gauge\n";
    for (const p of unique) {
      yield `weft_proxy_scrape_up{pod="${escapeLabel(p.pod)}",namespace="${escapeLabel(p.namespace)}"} ${p.up ? 1 : 0}\n`;
    }
  }
}

function lines(name: string, own: string, series: Sampled): string {
  const rest = series.text === "" ? "" : `,${exported(series.text)}`;
  const labels = own + rest;
  if (series.histogram === undefined) return `${name}{${labels}} ${series.value}\n`;
  const { bounds, counts, sum } = series.histogram;
  let text = "";
  bounds.forEach((bound, i) => {
    text += `${name}_bucket{${labels},le="${bound}"} ${counts[i] ?? 0}\n`;
  });
  text += `${name}_bucket{${labels},le="+Inf"} ${series.value}\n`;
  return `${text}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${series.value}\n`;
}

function exported(text: string): string {
  return /(^|,)(pod|namespace)="/.test(text) ? text.replace(/(^|,)(pod|namespace)="/g, '$1exported_$2="') : text;
}
