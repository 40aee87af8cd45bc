import { availableParallelism } from "node:os";
import { parse } from "yaml";
import { get, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";

/** How a workload's Envoy is started. */
export interface ProxySettings {
  /** Worker threads. */
  readonly concurrency: number;
  readonly drainSeconds: number;
  /** Further environment of Envoy. */
  readonly env: Readonly<Record<string, string>>;
}

/** The part of ProxyConfig (of MeshConfig and of the annotation) that is read here; what users wrote, so of any type. */
interface Said {
  readonly concurrency?: unknown;
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
  /** Text of the annotation `proxy.istio.io/config`. */
  readonly annotation: string | undefined;
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
    readYaml(owner.annotation) ?? {},
  ];
  const threads = all.map((said) => said.concurrency).findLast((n) => typeof n === "number" && n >= 0) as
    | number
    | undefined;
  const drain = all
    .map((said) => /^(\d+)s$/.exec(String(said.terminationDrainDuration ?? "")))
    .findLast((m) => m !== null);
  return {
    // As in Istio 0 is one for each processor.
    concurrency: threads === 0 ? availableParallelism() : (threads ?? 1),
    drainSeconds: drain ? Number(drain[1]) : 5,
    env: Object.fromEntries(all.flatMap(({ proxyMetadata }) => texts(proxyMetadata))),
  };
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
