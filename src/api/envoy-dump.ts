import type { ConfigDumpResource, ConfigType } from "./contract/proxy-config.ts";

/** Kinds of Envoy's own dump, with the fields that hold a resource and its name. */
const dumps: Readonly<Record<ConfigType, readonly string[]>> = {
  cluster: ["dynamic_active_clusters", "static_clusters"],
  listener: ["dynamic_listeners", "static_listeners"],
  route: ["dynamic_route_configs", "static_route_configs"],
  endpoint: ["dynamic_endpoint_configs"],
  secret: ["dynamic_active_secrets", "dynamic_warming_secrets"],
  ecds: ["ecds_filters"],
  scope: ["dynamic_scoped_route_configs"],
  bootstrap: ["bootstrap"],
};

interface DumpEntry {
  readonly name?: string;
  readonly version_info?: string;
  readonly active_state?: { readonly version_info?: string; readonly listener?: unknown };
  readonly error_state?: { readonly details?: string };
  readonly [field: string]: unknown;
}

/** Where Envoy's admin interface tells of one kind of resource: what it was sent, without what it was started with. */
export function dumpPath(type: ConfigType): string {
  return type === "bootstrap"
    ? "/config_dump?mask=bootstrap"
    : `/config_dump?include_eds&resource=${dumps[type][0] ?? ""}`;
}

/** The resources of an answer to `dumpPath`. Throws where it is no JSON. */
export function dumpedResources(type: ConfigType, body: string): readonly ConfigDumpResource[] {
  const { configs = [] } = JSON.parse(body) as { readonly configs?: readonly DumpEntry[] };
  if (type === "bootstrap") return bootstrap(configs);
  return configs.map(resourceOf);
}

/** The same out of a whole dump, such as `curl localhost:15000/config_dump?include_eds` writes; with what Envoy was started with. */
export function dumpedInFile(type: ConfigType, body: string): readonly ConfigDumpResource[] {
  const { configs = [] } = JSON.parse(body) as { readonly configs?: readonly DumpEntry[] };
  if (type === "bootstrap") return bootstrap(configs);
  return configs.flatMap((part) =>
    dumps[type].flatMap((field) => {
      const found = part[field];
      return Array.isArray(found) ? (found as readonly DumpEntry[]).map(resourceOf) : [];
    }),
  );
}

function bootstrap(configs: readonly DumpEntry[]): readonly ConfigDumpResource[] {
  const found = configs.find((c) => c["bootstrap"] !== undefined)?.["bootstrap"];
  return found === undefined ? [] : [{ name: "bootstrap", version: "", origins: [], resource: found }];
}

function resourceOf(entry: DumpEntry): ConfigDumpResource {
  const at = entry.active_state ?? entry;
  const inner = (at["listener"] ??
    entry["cluster"] ??
    entry["route_config"] ??
    entry["endpoint_config"] ??
    entry["secret"] ??
    entry["ecds_filter"] ??
    entry) as { name?: string; cluster_name?: string };
  const error = entry.error_state?.details;
  return {
    name: entry.name ?? inner.name ?? inner.cluster_name ?? "",
    version: at.version_info ?? "",
    origins: [],
    ...(error === undefined ? {} : { error }),
    resource: inner,
  };
}
