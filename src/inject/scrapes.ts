import { ports } from "../agent/bootstrap.ts";
import { mergedPath, type ScrapeTarget } from "../agent/bootstrap-scrapes.ts";
import { get, type Snapshot } from "../model/snapshot.ts";

/** What Prometheus is told of a Pod whose metrics are merged with its proxy's. */
export interface Scrapes {
  /** The application's pages: none where the Pod says nothing of them. */
  readonly targets: readonly ScrapeTarget[];
  /** All annotations, with the merged page in the place of the application's. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Envoy's own; what is asked there is not the application's. Source: istio/istio pilot/cmd/pilot-agent/status/server.go. */
const reserved = [15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090];
/** Each takes its part of the time that Prometheus waits. */
const mostTargets = 16;
const targetsAnnotation = "prometheus.istio.io/scrape-targets";

type Annotations = Readonly<Record<string, string>>;

/**
 * The metrics of application and proxy as one page, which Prometheus finds by the Pod's annotations; undefined where it is not wanted. As with Istio:
 * it is unless `prometheus.io/scrape` is false, and pages are those of `prometheus.io/port` and `/path`, or of `prometheus.istio.io/scrape-targets`.
 */
export function scrapesOf(
  annotations: Annotations,
  snapshot: Snapshot,
): Scrapes | { readonly fault: string } | undefined {
  const said = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [plainName(name), value]));
  if (flag(said["prometheus_io_scrape"]) === false || !isMerged(annotations, snapshot)) return undefined;
  // A user who writes this port means the proxy's.
  if (said["prometheus_io_port"] === String(ports.probes)) return { targets: [], annotations };
  const targets = targetsOf(annotations[targetsAnnotation], said);
  if ("fault" in targets) return targets;
  const others = Object.entries(annotations).filter(([name]) => !replaced.includes(plainName(name)));
  return {
    targets,
    annotations: {
      ...Object.fromEntries(others),
      "prometheus.io/port": String(ports.probes),
      "prometheus.io/path": mergedPath,
      "prometheus.io/scrape": "true",
    },
  };
}

const replaced = ["prometheus_io_port", "prometheus_io_path", "prometheus_io_scrape", "prometheus_io_scheme"];

/** `prometheus.io/port` and `prometheus_io_port` are one for Prometheus. */
function plainName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, "_");
}

function isMerged(annotations: Annotations, snapshot: Snapshot): boolean {
  const mesh = get(snapshot, { type: "MeshConfig", namespace: "", name: "istio" })?.spec;
  const { enablePrometheusMerge } = (mesh ?? {}) as { readonly enablePrometheusMerge?: unknown };
  return flag(annotations["prometheus.istio.io/merge-metrics"]) ?? enablePrometheusMerge !== false;
}

function targetsOf(
  listed: string | undefined,
  said: Annotations,
): readonly ScrapeTarget[] | { readonly fault: string } {
  const tls = said["prometheus_io_scheme"]?.toLowerCase() === "https";
  const { prometheus_io_port: port, prometheus_io_path: path, prometheus_io_scrape: scrape } = said;
  const many = (listed ?? "").split(",").flatMap((text) => (text.trim() === "" ? [] : [text.trim()]));
  // Istio's agent takes port 80 where none is said.
  const own = port ?? path ?? scrape;
  const one = own === undefined ? [] : [`${port?.trim() || 80}:${path ?? ""}`];
  const targets = (many.length > 0 ? many : one).map((text) => targetOf(text, tls));
  const name = many.length > 0 ? targetsAnnotation : "prometheus.io/port";
  if (targets.length > mostTargets) return { fault: `annotation ${name}: has more than ${mostTargets} pages` };
  const fault = targets.find((target) => "fault" in target);
  if (fault !== undefined) return { fault: `annotation ${name}: ${fault.fault}` };
  return targets as readonly ScrapeTarget[];
}

/** `9090:/metrics`, `9090`. */
function targetOf(text: string, tls: boolean): ScrapeTarget | { readonly fault: string } {
  const [, number = "", path = ""] = /^(\d{1,5})\s*(?::\s*(.*))?$/.exec(text) ?? [];
  const port = Number(number);
  if (number === "" || port < 1 || port > 65_535)
    return { fault: `"${text}" has no port of 1 to 65535; write "9090:/metrics"` };
  if (reserved.includes(port)) return { fault: `port ${port} is the proxy's own; name the application's` };
  return { port, path: path === "" ? "/metrics" : path.startsWith("/") ? path : `/${path}`, tls };
}

function flag(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return /^(1|t|true)$/i.test(text) ? true : /^(0|f|false)$/i.test(text) ? false : undefined;
}
