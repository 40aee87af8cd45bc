import { parse } from "yaml";
import { get, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { isIP } from "../std/ip.ts";
import { type BootstrapSaid, bootstrapSettings, milliseconds } from "./bootstrap-said.ts";
import type { BootstrapSettings } from "./bootstrap-settings.ts";
import { type SinksSaid, sinksSaid } from "./bootstrap-sinks.ts";

/** How a workload's Envoy is started. */
export interface ProxySettings {
  /** Worker threads; 0 is one for each processor. */
  readonly concurrency: number;
  /** How long a Pod that leaves goes on serving at the most; undefined: until nobody is connected any more. */
  readonly drainSeconds: number | undefined;
  /** How long a listener that goes away keeps its connections; as long as `drainSeconds` where that is absent. */
  readonly listenerDrainSeconds?: number;
  /** Further environment of Envoy. */
  readonly env: Readonly<Record<string, string>>;
  /** Further arguments of Envoy. */
  readonly args: readonly string[];
  readonly bootstrap: BootstrapSettings;
  /** What its traces call it, where that is not its app and namespace. */
  readonly cluster?: string;
  readonly meshId?: string;
}

/** The part of ProxyConfig (of MeshConfig and of the annotation) that is read here; what users wrote, so of any type. */
interface Said extends BootstrapSaid, SinksSaid {
  readonly concurrency?: unknown;
  readonly drainDuration?: unknown;
  readonly fileFlushInterval?: unknown;
  readonly fileFlushMinSizeKb?: unknown;
  readonly serviceCluster?: unknown;
  readonly tracingServiceName?: unknown;
  readonly meshId?: unknown;
  readonly terminationDrainDuration?: unknown;
  readonly proxyMetadata?: unknown;
}

interface ProxyConfigSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly concurrency?: number;
  readonly environmentVariables?: Readonly<Record<string, string>>;
}

/** Whose settings are asked for. */
export interface ProxyOwner {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the Pod template. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The mesh's `defaultConfig`, above it ProxyConfigs (of the root namespace, of the namespace, of the workload), above them the Pod template's
 * annotation. Source: istio.io/latest/docs/reference/config/networking/proxy-config
 */
export function proxySettings(snapshot: Snapshot, owner: ProxyOwner): ProxySettings {
  const mesh = get(snapshot, { type: "MeshConfig", namespace: "", name: "istio" })?.spec as
    | { readonly rootNamespace?: string; readonly defaultConfig?: Said }
    | undefined;
  const configs = proxyConfigs(snapshot, mesh?.rootNamespace ?? "istio-system", owner);
  const all: readonly Said[] = [
    mesh?.defaultConfig ?? {},
    ...configs.map(({ concurrency, environmentVariables: proxyMetadata }) => ({ concurrency, proxyMetadata })),
    readYaml(owner.annotations["proxy.istio.io/config"]) ?? {},
  ];
  const threads = all.map((said) => said.concurrency).findLast((n) => typeof n === "number" && n >= 0) as
    | number
    | undefined;
  const drain = all
    .map((said) => /^(\d+)s$/.exec(String(said.terminationDrainDuration ?? "")))
    .findLast((m) => m !== null);
  const env = Object.fromEntries(all.flatMap(({ proxyMetadata }) => texts(proxyMetadata)));
  const said: Said = Object.assign({}, ...all);
  return {
    concurrency: threads ?? 1,
    drainSeconds: env["EXIT_ON_ZERO_ACTIVE_CONNECTIONS"] === "true" ? undefined : drain ? Number(drain[1]) : 5,
    env,
    args: argumentsOf(said),
    bootstrap: {
      ...bootstrapSettings(said, owner.annotations),
      ...sinksSaid(said, (host) => serviceAddress(snapshot, host)),
    },
    ...listenerDrain(said),
    ...nameOf(said, owner),
    ...(typeof said.meshId === "string" && said.meshId !== "" ? { meshId: said.meshId } : {}),
  };
}

/** Of a Service by its name in the cluster: `statsd.monitoring`, `statsd.monitoring.svc.cluster.local`. */
function serviceAddress(snapshot: Snapshot, host: string): string | undefined {
  const [, name, namespace] = /^([\w-]+)\.([\w-]+)(?:\.svc(?:\..*)?)?$/.exec(host) ?? [];
  if (name === undefined || namespace === undefined) return undefined;
  const spec = get(snapshot, { type: types.Service, namespace, name })?.spec;
  const { clusterIP } = (spec ?? {}) as { readonly clusterIP?: string };
  return clusterIP === undefined || isIP(clusterIP) === 0 ? undefined : clusterIP;
}

function listenerDrain({ drainDuration }: Said): Pick<ProxySettings, "listenerDrainSeconds"> {
  const ms = milliseconds(drainDuration);
  return ms === undefined ? {} : { listenerDrainSeconds: Math.max(1, Math.round(ms / 1000)) };
}

/** When log files are written. */
function argumentsOf({ fileFlushInterval, fileFlushMinSizeKb: size }: Said): readonly string[] {
  const ms = milliseconds(fileFlushInterval);
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size > 0;
  return [
    ...(ms === undefined ? [] : ["--file-flush-interval-msec", String(ms)]),
    ...(isSize ? ["--file-flush-min-size-kb", String(size)] : []),
  ];
}

/** `istio-proxy` is what Istio writes where nobody said anything. */
function nameOf({ serviceCluster, tracingServiceName }: Said, { labels }: ProxyOwner): Pick<ProxySettings, "cluster"> {
  if (typeof serviceCluster === "string" && serviceCluster !== "" && serviceCluster !== "istio-proxy")
    return { cluster: serviceCluster };
  const app = labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"];
  return tracingServiceName === "CANONICAL_NAME_ONLY" && app !== undefined ? { cluster: app } : {};
}

function proxyConfigs(snapshot: Snapshot, root: string, { namespace, labels }: ProxyOwner): readonly ProxyConfigSpec[] {
  const of = (ns: string) =>
    list(snapshot, types.ProxyConfig, ns)
      .toSorted((a, b) => a.createdAt - b.createdAt)
      .map((resource) => resource.spec as ProxyConfigSpec);
  const chosen = ({ selector }: ProxyConfigSpec) => Object.entries(selector?.matchLabels ?? {});
  const wide = [...new Set([root, namespace])].flatMap((ns) => of(ns).find((spec) => chosen(spec).length === 0) ?? []);
  const own = of(namespace).find((s) => chosen(s).length > 0 && chosen(s).every(([k, v]) => labels[k] === v));
  return own === undefined ? wide : [...wide, own];
}

function texts(said: unknown): readonly (readonly [string, string])[] {
  if (typeof said !== "object" || said === null) return [];
  return Object.entries(said).filter((e): e is [string, string] => typeof e[1] === "string");
}

function readYaml(text: string | undefined): Said | null {
  try {
    const said: unknown = text === undefined ? null : parse(text);
    return typeof said === "object" ? said : null;
  } catch {
    // Whoever validates ProxyConfig tells it; the defaults stand.
    return null;
  }
}
