import type { JsonValue } from "@bufbuild/protobuf";
import { decodeResource } from "../../src/main/decode.ts";
import type { ProxyConfig, XdsResource } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";

type Json = { readonly [key: string]: JsonValue };

/** What a resource names, and what Envoy would refuse it for. */
interface Findings {
  readonly clusters: readonly string[];
  readonly tables: readonly string[];
  readonly extensions: readonly string[];
  readonly secrets: readonly string[];
  readonly scoped: boolean;
  readonly faults: readonly string[];
  /** A listener's address; of a scope its key. */
  readonly unique: string;
  readonly eds: boolean;
}

/** Clusters that every proxy has from its start. */
const bootstrapped: ReadonlySet<string> = new Set(["xds-grpc"]);

const known = new Map<string, Findings>();

/** Names that lead nowhere, things twice, resources without an origin: one sentence each. */
export function faultsOf(config: ProxyConfig, secrets: ReadonlySet<string>): readonly string[] {
  const names = (type: string): ReadonlyMap<string, XdsResource> => config.get(type)?.resources ?? new Map();
  const faults: string[] = [];
  for (const [type, { resources }] of config) {
    const unique = new Set<string>();
    for (const resource of resources.values()) {
      const found = findings(type, resource);
      const where = `${type.split(".").at(-1)} ${resource.name}`;
      const missing = (what: string, all: readonly string[], there: ReadonlyMap<string, unknown>) => {
        for (const name of all) if (!there.has(name)) faults.push(`${where}: no ${what} ${name}`);
      };
      missing(
        "cluster",
        found.clusters.filter((name) => !bootstrapped.has(name)),
        names(TYPE.cluster),
      );
      missing("table", found.tables, names(TYPE.route));
      missing("extension", found.extensions, names(TYPE.extension));
      for (const name of found.secrets) if (!secrets.has(name)) faults.push(`${where}: no secret ${name}`);
      if (found.eds) missing("endpoints", [resource.name], names(TYPE.endpoint));
      if (found.scoped && names(TYPE.scopedRoute).size === 0) faults.push(`${where}: no scopes`);
      for (const fault of found.faults) faults.push(`${where}: ${fault}`);
      if (found.unique !== "" && unique.has(found.unique)) faults.push(`${where}: ${found.unique} is taken`);
      unique.add(found.unique);
      if (needsOrigin(type, resource.name) && resource.origins.length === 0) faults.push(`${where}: no origin`);
    }
  }
  return faults;
}

/** What users' objects make. The rest is the mesh's own. */
function needsOrigin(type: string, name: string): boolean {
  if (type === TYPE.cluster) return name.startsWith("outbound|");
  if (type === TYPE.route) return !name.includes("|*");
  return type === TYPE.listener && !name.startsWith("virtual");
}

function findings(type: string, resource: XdsResource): Findings {
  const id = `${type} ${resource.version}`;
  const found = known.get(id);
  if (found !== undefined) return found;
  const all: [string, JsonValue][] = [];
  const walk = (value: JsonValue, key = "") => {
    if (Array.isArray(value)) for (const item of value) walk(item, key);
    else all.push([key, value]);
    if (!Array.isArray(value) && typeof value === "object" && value !== null)
      for (const [k, v] of Object.entries(value)) walk(v, k);
  };
  const root = decodeResource(type, resource.body) as Json;
  walk(root);
  const texts = (key: string) => all.flatMap(([k, v]) => (k === key && typeof v === "string" ? [v] : []));
  const named = (key: string) => all.flatMap(([k, v]) => (k === key ? [(v as { name?: string }).name ?? ""] : []));
  const weighted = all.flatMap(([k, v]) =>
    k === "weighted_clusters" ? (v as { clusters: { name: string }[] }).clusters : [],
  );
  const holdsClusters = type === TYPE.listener || type === TYPE.route;
  const discovered = all.flatMap(([, v]) => (isObject(v) && "config_discovery" in v ? [v["name"] as string] : []));
  const made: Findings = {
    clusters: holdsClusters ? [...texts("cluster"), ...weighted.map((c) => c.name)] : [],
    tables: type === TYPE.scopedRoute ? texts("route_configuration_name") : texts("route_config_name"),
    extensions: discovered,
    secrets: [...named("tls_certificate_sds_secret_configs"), ...named("validation_context_sds_secret_config")],
    scoped: all.some(([k]) => k === "scoped_rds"),
    faults: type === TYPE.listener ? chainFaults(root) : type === TYPE.route ? domainFaults(root) : [],
    unique: JSON.stringify(
      type === TYPE.listener ? root["address"] : type === TYPE.scopedRoute ? root["key"] : "",
    ).replace('""', ""),
    eds: type === TYPE.cluster && root["type"] === "EDS",
  };
  known.set(id, made);
  return made;
}

/** Envoy refuses a listener with two chains for the same connections. Names and subnets are each a match of their own. */
function chainFaults(listener: Json): readonly string[] {
  const seen = new Set<string>();
  return ((listener["filter_chains"] ?? []) as Json[]).flatMap((chain) => {
    const match = (chain["filter_chain_match"] ?? {}) as {
      server_names?: string[];
      prefix_ranges?: Json[];
      application_protocols?: string[];
    };
    const {
      server_names: names = [""],
      prefix_ranges: subnets = [{}],
      application_protocols: spoken = [""],
      ...rest
    } = match;
    return names.flatMap((name) =>
      subnets.flatMap((subnet) =>
        spoken.flatMap((protocol) => {
          const id = JSON.stringify([name, subnet, protocol, rest]);
          const twice = seen.has(id) ? [`two chains for ${id}`] : [];
          seen.add(id);
          return /^(\*\.)?[^*]*$/.test(name) ? twice : [...twice, `server name ${name}`];
        }),
      ),
    );
  });
}

function domainFaults(table: Json): readonly string[] {
  const hosts = (table["virtual_hosts"] ?? []) as unknown as { domains: string[] }[];
  const all = hosts.flatMap((host) => host.domains);
  return all.filter((domain, i) => all.indexOf(domain) !== i).map((domain) => `domain ${domain} twice`);
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
