import { type Json, part, parts } from "./json.ts";

/** What a sidecar takes at one of its workload's ports, by its listener `virtualInbound` in protobuf's JSON form. */
export interface TakenAt {
  readonly http: boolean;
  /** Without TLS of the mesh. */
  readonly plaintext: boolean;
  /** Names of the filters that bytes go through there. */
  readonly filters: ReadonlySet<unknown>;
}

/** By the filter chains of the port, or where it has none of its own by those for all. Undefined where there are neither. */
export function takenAt(listener: Json, port: number): TakenAt | undefined {
  const chains = parts(listener, "filter_chains").map((chain) => ({
    chain,
    match: part(chain, "filter_chain_match") ?? {},
  }));
  const own = chains.filter(({ match }) => match["destination_port"] === port);
  const found = own.length > 0 ? own : chains.filter(({ match }) => match["destination_port"] === undefined);
  if (found.length === 0) return undefined;
  const manager = "envoy.filters.network.http_connection_manager";
  return {
    http: found.some(({ chain }) => parts(chain, "filters").some(({ name }) => name === manager)),
    plaintext: found.some(({ match }) => match["transport_protocol"] !== "tls"),
    filters: new Set(found.flatMap(({ chain }) => parts(chain, "filters").map(({ name }) => name))),
  };
}
