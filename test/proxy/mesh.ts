import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { parseAllDocuments } from "yaml";
import type { EagerPolicy } from "../../src/discovery/eager-policy.ts";
import { credentialSet, credentialsKey } from "../../src/discovery/resources/credentials.ts";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import { decodeResource } from "../../src/main/decode.ts";
import type { Proxy as MeshProxy } from "../../src/model/proxy.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { meshConfig, resources, trackerOf } from "../cluster/mesh.ts";
import { metricsOf } from "./metrics-of.ts";

interface Settings {
  readonly proxy?: Partial<MeshProxy>;
  /** What a sidecar has from the start. */
  readonly eager?: EagerPolicy;
  readonly meshConfig?: Record<string, unknown>;
}

/** Everything that one proxy of a mesh in YAML gets. Documents without a kind say which proxy asks and how the mesh is set. */
export function configOf(...texts: readonly string[]): ProxyConfig {
  const settings = texts.flatMap((text) => parseAllDocuments(text).map((doc) => doc.toJS() as Settings | null));
  const config = settings.findLast((s) => s?.meshConfig !== undefined)?.meshConfig;
  const said: Partial<MeshProxy> = Object.assign({}, ...settings.map((s) => s?.proxy));
  const eager = settings.findLast((s) => s?.eager !== undefined)?.eager;
  const objects = texts.flatMap((text, i) => resources(text, `${i}.yaml`));
  const tracker = trackerOf([...objects, ...(config ? [meshConfig(config)] : [])]);
  const proxy = proxyOf(said);
  return new Map([
    ...tracker.ask(proxyConfig, proxyKey(proxy, eager)),
    [TYPE.secret, tracker.ask(credentialSet, credentialsKey(proxy) as string)],
  ]);
}

/** The same, decoded; clusters that lead to services have golden cases of their own. */
export function servedTo(...texts: readonly string[]): {
  readonly [type: string]: { readonly [name: string]: JsonObject };
} {
  const sets = configOf(...texts);
  const shown = {
    clusters: TYPE.cluster,
    endpoints: TYPE.endpoint,
    listeners: TYPE.listener,
    tables: TYPE.route,
    secrets: TYPE.secret,
    extensions: TYPE.extension,
  };
  return Object.fromEntries(
    Object.entries(shown).map(([name, type]) => {
      const all = [...(sets.get(type)?.resources.values() ?? [])].filter((r) => !r.name.startsWith("outbound|"));
      return [name, Object.fromEntries(all.map((r) => [r.name, meaning(decodeResource(type, r.body)) as JsonObject]))];
    }),
  );
}

/** The same, with what is counted, which is long. */
export function servedAndCounted(...texts: readonly string[]): ReturnType<typeof servedTo> {
  const listeners = [
    ...(configOf(...texts)
      .get(TYPE.listener)
      ?.resources.values() ?? []),
  ];
  return { ...servedTo(...texts), metrics: metricsOf(listeners.map((r) => decodeResource(TYPE.listener, r.body))) };
}

/** A sidecar, with what is said of it. */
export function proxyOf(said: Partial<MeshProxy>): MeshProxy {
  const { kind = "sidecar", namespace = "default", name = "reviews-v1" } = said;
  const base = { kind, namespace, name, serviceAccount: "default", workload: name, kubeCluster: "Kubernetes" };
  const place = { locality: { region: "", zone: "", subzone: "" }, dnsDomain: "", istioAgent: false, metadata: {} };
  const identity = { trustDomain: "cluster.local", namespace, serviceAccount: "default" };
  return { id: name, ips: ["10.0.0.1"], labels: { app: "reviews" }, ...base, ...place, identity, ...said };
}

/** What is the same in every listener, and long, is left out: telemetry of our own, and what scoped routes need. */
const left = new Set([
  "access_log_flush_interval",
  "flush_access_log_on_new_request",
  "http_filters",
  "early_header_mutation_extensions",
  "scoped_routes",
]);

const telemetry = new Set(["weft.grpc", "envoy.filters.http.grpc_stats"]);

function meaning(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  if (value["name"] === "weft.peer_identity") return "peer identity";
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      key === "http_filters"
        ? [[key, (inner as { name: string }[]).map((f) => f.name).filter((name) => !telemetry.has(name))]]
        : key === "access_log"
          ? accessLogs(inner as { name: string }[])
          : key === "tracing" && isUnasked(inner as JsonObject)
            ? []
            : left.has(key) || (key === "access_log_options" && Object.keys(meaning(inner) as JsonObject).length === 0)
              ? []
              : [[key, meaning(inner)]],
    ),
  );
}

/** Traces that the control plane keeps where nobody speaks of any; of them a test of their own tells. */
function isUnasked(tracing: JsonObject): boolean {
  return JSON.stringify(tracing).includes('"cluster":"xds-grpc"') && tracing["custom_tags"] === undefined;
}

/** Those that users ask for. */
function accessLogs(all: { name: string }[]): [string, JsonValue][] {
  const own = (log: { name: string }) =>
    log.name === "envoy.access_loggers.stats" || JSON.stringify(log).includes('"xds-grpc"');
  const asked = all.filter((log) => !own(log));
  return asked.length === 0 ? [] : [["access_log", asked.map((log) => meaning(log as JsonValue))]];
}
