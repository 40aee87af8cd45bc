import { decodeResource } from "../../src/main/decode.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { type Connection, filterChain, looks } from "./routing-filter-chain.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A call as Istio's simulations say it. */
export interface Call {
  readonly mode?: "inbound";
  readonly address?: string;
  readonly port: number;
  readonly protocol?: "http" | "http2" | "tcp";
  readonly tls?: "plaintext" | "tls" | "mtls";
  readonly hostHeader?: string;
  readonly path?: string;
  readonly sni?: string;
  readonly alpn?: string;
}

/** What takes the call, by Envoy's names, as far as it gets. */
export interface Taken {
  readonly error?: string | undefined;
  readonly listener?: string | undefined;
  readonly filterChain?: string | undefined;
  readonly routeConfig?: string | undefined;
  readonly virtualHost?: string | undefined;
  readonly route?: string | undefined;
  readonly cluster?: string | undefined;
}

type Resources = Readonly<Record<string, ReadonlyMap<string, Json>>>;

/** Finds what of a proxy's configuration takes a call, as Envoy matches. */
export function simulate(config: ProxyConfig, kind: "sidecar" | "router", call: Call): Taken {
  const of = (type: string) =>
    new Map(
      [...(config.get(type)?.resources.values() ?? [])].map((r) => [r.name, decodeResource(type, r.body) as Json]),
    );
  const resources = { routes: of(TYPE.route), scopes: of(TYPE.scopedRoute), listeners: of(TYPE.listener) };
  const filled = { address: "1.3.3.7", path: "/", tls: "plaintext" as const, ...call };
  const listener = listenerOf(resources, kind, filled);
  if (listener === undefined) return { error: "no listener matched" };
  const name = String(listener["name"]);
  const chain = filterChain(listener, connectionOf(listener, filled));
  if (chain === undefined) return { error: "no filter chains matched", listener: name };
  const told = { listener: name, filterChain: String(chain["name"] ?? "") };
  const secure = transportOf(chain);
  if (secure !== undefined && filled.tls === "plaintext") return { ...told, error: "no filter chains matched" };
  if (secure !== undefined && secure.mutual !== (filled.tls === "mtls")) return { ...told, error: "invalid mTLS" };
  const filters = chain["filters"] as readonly Json[];
  const last = filters.at(-1)?.["typed_config"] as Json;
  if (!String(last["@type"]).endsWith("HttpConnectionManager")) return { ...told, cluster: clusterOf(last) };
  if (filled.tls !== "plaintext" && secure === undefined) return { ...told, error: "protocol error" };
  if (filled.protocol !== "http" && filled.protocol !== "http2") return { ...told, error: "protocol error" };
  return { ...told, ...routed(resources, last, filled) };
}

function listenerOf({ listeners }: Resources, kind: string, call: Call): Json | undefined {
  if (call.mode === "inbound") return listeners?.get("virtualInbound");
  const at = (listener: Json, addresses: readonly string[]) =>
    [listener, ...((listener["additional_addresses"] ?? []) as readonly Json[])].some((bound) => {
      const { address, port_value } = ((bound["address"] as Json)["socket_address"] ?? {}) as Json;
      return addresses.includes(String(address)) && Number(port_value) === call.port;
    });
  const all = [...(listeners?.values() ?? [])];
  const found =
    all.find((l) => at(l, [call.address ?? ""])) ??
    all.find((l) => at(l, ["0.0.0.0", "::"])) ??
    (kind === "sidecar" ? listeners?.get("virtualOutbound") : undefined);
  return found;
}

function connectionOf(listener: Json, call: Call): Connection {
  const { port, address = "", protocol = "tcp", tls } = call;
  const seesTls = looks(listener, "envoy.filters.listener.tls_inspector", port);
  const seesHttp = looks(listener, "envoy.filters.listener.http_inspector", port);
  const spoken = { http: "http/1.1", http2: "h2", tcp: "" };
  const sniffed =
    tls === "plaintext" && seesHttp ? { http: "http/1.1", http2: "h2c", tcp: undefined }[protocol] : undefined;
  const meshes = { http: "istio-http/1.1", http2: "istio-h2", tcp: "istio" }[protocol];
  const offered = tls === "plaintext" ? "" : (call.alpn ?? (tls === "mtls" ? meshes : spoken[protocol]));
  return {
    address,
    port,
    tls: seesTls && tls !== "plaintext",
    sni: seesTls ? (call.sni ?? (tls === "tls" ? (call.hostHeader ?? "") : "")) : "",
    alpn: sniffed ?? (seesTls ? offered : ""),
  };
}

/** TLS that the chain ends itself, and whether the caller must show a certificate. */
function transportOf(chain: Json): { readonly mutual: boolean } | undefined {
  const socket = chain["transport_socket"] as Json | undefined;
  const context = socket?.["typed_config"] as Json | undefined;
  if (context === undefined || !String(context["@type"]).endsWith("DownstreamTlsContext")) return undefined;
  return { mutual: context["require_client_certificate"] === true };
}

function clusterOf(proxy: Json): string {
  const weighted = (proxy["weighted_clusters"] as Json | undefined)?.["clusters"] as readonly Json[] | undefined;
  return String(proxy["cluster"] ?? weighted?.[0]?.["name"] ?? "");
}

function routed(resources: Resources, manager: Json, call: Call): Taken {
  const config = routeConfiguration(resources, manager, call.hostHeader ?? "");
  if (config === undefined) return { error: "no route configuration" };
  const routeConfig = String(config["name"]);
  const host = virtualHost(config, call.hostHeader ?? "");
  if (host === undefined) return { routeConfig, error: "no virtual host matched" };
  const told = { routeConfig, virtualHost: String(host["name"]) };
  if (host["require_tls"] === "ALL" && call.tls === "plaintext") return { ...told, error: "tls required, sending 301" };
  const route = ((host["routes"] ?? []) as readonly Json[]).find((r) => takes(r["match"] as Json, call.path ?? "/"));
  if (route === undefined) return { ...told, error: "no route matched" };
  const action = route["route"] as Json | undefined;
  const named = route["name"] === undefined ? {} : { route: String(route["name"]) };
  return { ...told, ...named, ...(action === undefined ? {} : { cluster: clusterOf(action) }) };
}

function routeConfiguration({ routes, scopes }: Resources, manager: Json, host: string): Json | undefined {
  const own = manager["route_config"] as Json | undefined;
  if (own !== undefined) return own;
  const rds = manager["rds"] as Json | undefined;
  if (rds !== undefined) return routes?.get(String(rds["route_config_name"]));
  const [mutation] = JSON.stringify(manager["early_header_mutation_extensions"]).match(/\d+(?=\|%REQ)/) ?? [];
  const scoped = (key: string) => {
    const found = scopes?.get(key)?.["route_configuration_name"];
    return found === undefined ? undefined : routes?.get(String(found));
  };
  const [name = ""] = host.toLowerCase().split(":");
  return scoped(`${mutation}|${name}`) ?? scoped(`~${mutation}|`);
}

/** By Envoy's order: an exact domain, the longest of `*.suffix`, the longest of `prefix.*`, `*`. */
function virtualHost(config: Json, authority: string): Json | undefined {
  const hosts = (config["virtual_hosts"] ?? []) as readonly Json[];
  const name = (
    config["ignore_port_in_host_matching"] === true ? authority.replace(/:\d+$/, "") : authority
  ).toLowerCase();
  const grade = (domain: string): number => {
    if (domain === name) return 3000;
    if (domain === "*") return 1;
    if (domain.startsWith("*") && name.endsWith(domain.slice(1)) && name.length >= domain.length)
      return 1000 + domain.length;
    if (domain.endsWith("*") && name.startsWith(domain.slice(0, -1)) && name.length >= domain.length)
      return domain.length;
    return 0;
  };
  const graded = hosts.flatMap((host) => (host["domains"] as string[]).map((d) => ({ host, grade: grade(d) })));
  const best = graded.filter((g) => g.grade > 0).sort((a, b) => b.grade - a.grade);
  return best[0]?.host;
}

function takes(match: Json, path: string): boolean {
  if (match["path"] !== undefined) return path === match["path"];
  if (match["prefix"] !== undefined) return path.startsWith(String(match["prefix"]));
  const separated = match["path_separated_prefix"];
  if (separated !== undefined) return path === separated || path.startsWith(`${separated}/`);
  throw new Error(`the simulation knows no match ${JSON.stringify(match)}`);
}
