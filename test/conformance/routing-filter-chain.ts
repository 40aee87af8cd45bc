import { BlockList, isIPv6 } from "node:net";
import type { Json } from "./routing-simulation.ts";

/** What of a connection chooses its filter chain. */
export interface Connection {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly sni: string;
  readonly alpn: string;
}

/** One criterion: which values a chain names, and how well one of them fits; undefined where it does not. */
interface Criterion {
  readonly values: (match: Json) => readonly string[];
  readonly grade: (value: string, connection: Connection) => number | undefined;
}

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);
const text = (value: unknown): readonly string[] => (value === undefined || value === "" ? [] : [String(value)]);
const when = (fits: boolean, how = 1) => (fits ? how : undefined);

/** In Envoy's order. After each of them only the chains that fit best are left: there is no way back. */
const criteria: readonly Criterion[] = [
  { values: (m) => text(m["destination_port"]), grade: (value, { port }) => when(value === String(port)) },
  {
    values: (m) =>
      ((m["prefix_ranges"] ?? []) as Json[]).map((r) => `${r["address_prefix"]}/${Number(r["prefix_len"] ?? 0)}`),
    grade: (value, { address }) => {
      const [prefix = "", length = ""] = value.split("/");
      if (isIPv6(prefix) !== isIPv6(address)) return undefined;
      const family = isIPv6(prefix) ? "ipv6" : "ipv4";
      const range = new BlockList();
      range.addSubnet(prefix, Number(length), family);
      return when(range.check(address, family), 1 + Number(length));
    },
  },
  {
    values: (m) => list(m["server_names"]),
    grade: (value, { sni }) => {
      if (!value.startsWith("*")) return when(value === sni, 1000);
      return when(sni.length > value.length - 1 && sni.endsWith(value.slice(1)), value.length);
    },
  },
  {
    values: (m) => text(m["transport_protocol"]),
    grade: (value, { tls }) => when(value === (tls ? "tls" : "raw_buffer")),
  },
  { values: (m) => list(m["application_protocols"]), grade: (value, { alpn }) => when(value === alpn) },
];

/** The chain of a listener that takes a connection; undefined where none does. */
export function filterChain(listener: Json, connection: Connection): Json | undefined {
  const chains = (listener["filter_chains"] ?? []) as readonly Json[];
  const [chosen] = criteria.reduce((left, { values, grade }) => {
    const graded = left.map((chain) => {
      const named = values((chain["filter_chain_match"] ?? {}) as Json);
      const fits = named.flatMap((value) => grade(value, connection) ?? []);
      return { chain, best: named.length === 0 ? 0 : fits.length === 0 ? -1 : Math.max(...fits) };
    });
    const highest = Math.max(0, ...graded.map(({ best }) => best));
    return graded.filter(({ best }) => best === highest).map(({ chain }) => chain);
  }, chains);
  return chosen ?? (listener["default_filter_chain"] as Json | undefined);
}

/** Whether a listener filter looks at connections to a port. */
export function looks(listener: Json, filter: string, port: number): boolean {
  const found = ((listener["listener_filters"] ?? []) as readonly Json[]).find((f) => f["name"] === filter);
  return found !== undefined && !holds((found["filter_disabled"] ?? { never: true }) as Json, port);
}

function holds(match: Json, port: number): boolean {
  if (match["any_match"] === true) return true;
  if (match["not_match"]) return !holds(match["not_match"] as Json, port);
  const rules = (key: string) => ((match[key] as Json | undefined)?.["rules"] ?? []) as Json[];
  if (match["or_match"]) return rules("or_match").some((rule) => holds(rule, port));
  if (match["and_match"]) return rules("and_match").every((rule) => holds(rule, port));
  const range = match["destination_port_range"] as { start: number; end: number } | undefined;
  return range !== undefined && port >= range.start && port < range.end;
}
