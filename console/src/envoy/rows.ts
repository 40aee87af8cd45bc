import type { ConfigDumpResource, ConfigType } from "../../../src/api/contract/proxy-config.ts";

/** One line of a proxy's configuration: what somebody looks for it by, and the resource that it stands in. */
export interface Row {
  readonly key: string;
  readonly cells: readonly string[];
  readonly resource: ConfigDumpResource;
}

/** Columns of each part, in Envoy's words. */
export const columns: Readonly<Record<ConfigType, readonly string[]>> = {
  cluster: ["Host", "Port", "Subset", "Direction", "Type"],
  listener: ["Name", "Address", "Direction", "Filter chains"],
  route: ["Route configuration", "Domains", "Match", "To"],
  endpoint: ["Cluster", "Address", "Health", "Weight"],
  secret: ["Name", "Kind"],
  ecds: ["Name", "Type"],
  bootstrap: ["Part"],
  scope: ["Name"],
};

type Json = Readonly<Record<string, unknown>>;

/** The lines of some resources. Whatever is not where it is looked for leaves its cell empty: the resource itself is a click away. */
export function rowsOf(type: ConfigType, resources: readonly ConfigDumpResource[]): readonly Row[] {
  return resources.flatMap((resource) => {
    const told = camel(resource.resource) as Json;
    return cellsOf(type, resource, told).map((cells, i) => ({ key: `${resource.name}#${i}`, cells, resource }));
  });
}

function cellsOf(type: ConfigType, resource: ConfigDumpResource, told: Json): readonly (readonly string[])[] {
  if (type === "cluster") return [clusterCells(resource.name, told)];
  if (type === "listener") return [listenerCells(resource.name, told)];
  if (type === "route") return routeCells(resource.name, told);
  if (type === "endpoint") return endpointCells(resource.name, told);
  if (type === "bootstrap") return Object.keys(told).map((part) => [part]);
  if (type === "secret") return [[resource.name, Object.keys(told).find((key) => key !== "name") ?? ""]];
  if (type === "ecds") return [[resource.name, lastPart(text(map(told["typedConfig"])["@type"]))]];
  return [[resource.name]];
}

/** `outbound|9080|v1|reviews.default.svc.cluster.local`, as Istio names them; any other name is its own host. */
function clusterCells(name: string, told: Json): readonly string[] {
  const parts = name.split("|");
  const kind = text(told["type"]) || (told["clusterType"] ? "custom" : "STATIC");
  if (parts.length !== 4) return [name, "", "", "", kind];
  const [direction = "", port = "", subset = "", host = ""] = parts;
  return [host || "(this workload)", port, subset, direction, kind];
}

function listenerCells(name: string, told: Json): readonly string[] {
  const chains = list(told["filterChains"]).length + (told["defaultFilterChain"] ? 1 : 0);
  const direction = text(told["trafficDirection"]).toLowerCase();
  return [name, addressOf(told["address"]), direction, String(chains)];
}

function routeCells(name: string, told: Json): readonly (readonly string[])[] {
  return list(told["virtualHosts"]).flatMap((host) => {
    const domains = list(map(host)["domains"]).map(text);
    const shown =
      domains.length > 2 ? `${domains.slice(0, 2).join(", ")} and ${domains.length - 2} more` : domains.join(", ");
    return list(map(host)["routes"]).map((route) => [
      name,
      shown,
      matchOf(map(map(route)["match"])),
      targetOf(map(route)),
    ]);
  });
}

function matchOf(match: Json): string {
  const path = text(match["path"]) || text(match["prefix"]) || text(match["pathSeparatedPrefix"]);
  const regex = text(map(match["safeRegex"])["regex"]);
  const mark = match["path"] === undefined ? "*" : "";
  const headers = list(match["headers"]).map((header) => text(map(header)["name"]));
  const said = regex === "" ? `${path}${path === "" ? "any" : mark}` : `~ ${regex}`;
  return headers.length === 0 ? said : `${said} with ${headers.join(", ")}`;
}

function targetOf(route: Json): string {
  const action = map(route["route"]);
  const clusters = list(map(action["weightedClusters"])["clusters"]).map(map);
  if (clusters.length > 0) return clusters.map((one) => `${text(one["name"])} (${one["weight"] ?? 0})`).join(", ");
  if (action["cluster"] !== undefined) return text(action["cluster"]);
  const direct = map(route["directResponse"]);
  if (direct["status"] !== undefined) return `answers ${direct["status"]}`;
  return route["redirect"] === undefined ? "" : "redirects";
}

function endpointCells(name: string, told: Json): readonly (readonly string[])[] {
  const groups = list(told["endpoints"]).map(map);
  const found = groups.flatMap((group) =>
    list(group["lbEndpoints"]).map((one) => {
      const { endpoint, healthStatus, loadBalancingWeight } = map(one);
      return [
        name,
        addressOf(map(endpoint)["address"]),
        text(healthStatus).toLowerCase() || "healthy",
        weightOf(loadBalancingWeight),
      ];
    }),
  );
  return found.length === 0 ? [[name, "none", "", ""]] : found;
}

/** A wrapper is a number in protobuf's JSON form, and an object in Envoy's own words. */
function weightOf(value: unknown): string {
  const inner = typeof value === "object" && value !== null ? map(value)["value"] : value;
  return inner === undefined ? "" : String(inner);
}

function addressOf(address: unknown): string {
  const at = map(map(address)["socketAddress"]);
  const pipe = text(map(map(address)["pipe"])["path"]);
  if (at["address"] === undefined) return pipe || text(map(map(address)["envoyInternalAddress"])["serverListenerName"]);
  return `${text(at["address"])}:${at["portValue"] ?? ""}`;
}

const lastPart = (name: string) => name.slice(name.lastIndexOf(".") + 1);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const map = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** Envoy writes `load_assignment` where protobuf's JSON form has `loadAssignment`. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()),
      camel(field),
    ]),
  );
}

/** Lines in which each word of the filter stands somewhere: in a cell, the resource's name or its origins. */
export function matching(rows: readonly Row[], typed: string): readonly Row[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter(({ cells, resource }) => {
    const all = [...cells, resource.name, ...resource.origins].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
