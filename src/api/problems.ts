import type { Cause } from "./causes.ts";
import type { Finding } from "./contract/config.ts";
import type { Health } from "./contract/health.ts";
import type { Problem } from "./contract/problems.ts";
import type { MeasuredEdge } from "./edges.ts";
import { parseNodeId } from "./ends.ts";
import { percent, podVerdict, proxyVerdict, trafficHealth, worstCode } from "./health.ts";
import type { Member } from "./roster.ts";

/** What is looked through for problems. */
export interface Observed {
  readonly now: number;
  readonly edges: readonly MeasuredEdge[];
  readonly roster: ReadonlyMap<string, Member>;
  readonly findings: readonly Finding[];
  /** Since when an edge has failed, in milliseconds since the epoch; undefined where that began before what is known. */
  readonly since: (edge: MeasuredEdge) => number | undefined;
  /** The object that makes an edge fail, where it is known. */
  readonly cause: (edge: MeasuredEdge) => Cause | undefined;
  /** Why history is not kept on disk. */
  readonly historyError?: string;
}

const most = 10;
/** A certificate that ends so soon was not renewed: renewal is at half its life. */
const expirySoon = 60 * 60_000;

interface Weighed extends Problem {
  /** Sorts problems of the same health. */
  readonly weight: number;
}

/** The worst things now, worst first, at most ten. */
export function problemsOf(observed: Observed): Problem[] {
  const found = [
    ...failingEdges(observed),
    ...sickWorkloads(observed),
    ...brokenConfig(observed),
    ...expiring(observed),
    ...history(observed),
  ];
  const rank = (health: Health) => (health === "failing" ? 0 : 1);
  return found
    .sort((a, b) => rank(a.health) - rank(b.health) || b.weight - a.weight)
    .slice(0, most)
    .map(({ weight: _weight, ...problem }) => problem);
}

/** Edges that fail, the worst first: as many as may be told of. */
export function worstEdges(edges: readonly MeasuredEdge[]): readonly MeasuredEdge[] {
  const bad = edges.filter((e) => ["failing", "degraded"].includes(trafficHealth([e])));
  return bad.sort((a, b) => b.errors - a.errors).slice(0, most);
}

function failingEdges({ edges, since, cause }: Observed): Weighed[] {
  return worstEdges(edges).map((edge) => {
    const began = since(edge);
    const made = cause(edge);
    const when = began === undefined ? "" : ` since ${clockTime(began)}`;
    return {
      health: trafficHealth([edge]),
      sentence: `${edgeSentence(edge)}${when} (${percent(shareOf(edge, edges))} of requests)${reason(edge)}${made ? ` by ${made.name}` : ""}`,
      ...(began === undefined ? {} : { since: began }),
      link: made?.link ?? edgeLink(edge),
      weight: 1000 + edge.errors,
    };
  });
}

/** What never reached a workload is an edge of its own, to the service that was asked for: it is a share of all that was asked of that. */
function shareOf(edge: MeasuredEdge, edges: readonly MeasuredEdge[]): number {
  if (parseNodeId(edge.target).type === "workload") return edge.errorShare;
  const asked = edges.filter((e) => e.source === edge.source && e.service === edge.service);
  return edge.errors / asked.reduce((sum, { count }) => sum + count, 0);
}

/** `reviews-v2 answers 503 to productpage-v1`. */
function edgeSentence(edge: MeasuredEdge): string {
  const from = nameOf(edge.source);
  const to = nameOf(edge.target);
  const code = worstCode(edge) ?? "errors";
  if (parseNodeId(edge.target).type !== "workload") return `${from} gets ${code} for ${to}`;
  return code === "no answer" ? `${to} does not answer ${from}` : `${to} answers ${code} to ${from}`;
}

/** `: no healthy endpoint`, by the flag that Envoy gave most often; empty where it gave none. */
function reason(edge: MeasuredEdge): string {
  const [flag] = Object.entries(edge.flags).sort(([, a], [, b]) => b - a)[0] ?? [];
  const words = flag ? flagWords[flag] : undefined;
  return words ? `: ${words}` : "";
}

/** What Envoy's response flags mean, for those that explain a failure. */
const flagWords: Readonly<Record<string, string>> = {
  UF: "the connection to it fails",
  UH: "no healthy endpoint",
  UO: "a circuit breaker is open",
  NR: "no route matches",
  NC: "its cluster does not exist",
  UT: "it takes longer than the timeout",
  URX: "all retries are used up",
  UC: "it closes the connection",
  UR: "it resets the connection",
  DC: "the caller goes away before the answer",
  FI: "a fault is injected",
  RL: "the rate limit is reached",
  UAEX: "external authorization refuses",
  DF: "its name does not resolve",
};

function sickWorkloads({ roster }: Observed): Weighed[] {
  return [...roster.values()].flatMap((member) => {
    const link = `/workloads/${encodeURIComponent(member.namespace)}/${encodeURIComponent(member.name)}`;
    const found = [podVerdict(member), proxyVerdict(member)].filter((v) => v !== undefined);
    return found.map((v, i) => ({
      health: v.health,
      sentence: `${member.name}: ${v.sentence}`,
      link,
      weight: 2000 - i * 1500,
    }));
  });
}

function brokenConfig({ findings }: Observed): Weighed[] {
  const errors = findings.filter((f) => f.level === "Error");
  const shown = errors.slice(0, 3).map((f) => ({
    health: "degraded" as const,
    sentence: `${f.origin === "" ? f.at : f.origin}: ${f.message}${f.fix ? `; ${f.fix}` : ""}${f.at ? ` (${f.at})` : ""}`,
    link: `/config/finding?at=${encodeURIComponent(f.at)}`,
    weight: 900,
  }));
  const more = errors.length - shown.length;
  const rest = {
    health: "degraded" as const,
    sentence: `${more} more errors in the configuration`,
    link: "/config",
    weight: 800,
  };
  return more > 0
    ? [...shown, more === 1 ? { ...rest, sentence: "one more error in the configuration" } : rest]
    : shown;
}

function expiring({ roster, now }: Observed): Weighed[] {
  return [...roster.values()].flatMap((member) =>
    member.proxies.flatMap((p) => {
      const ends = p.certificateExpiresAt;
      if (ends === undefined || ends - now > expirySoon) return [];
      const words = ends <= now ? `ended at ${clockTime(ends)}` : `ends at ${clockTime(ends)}`;
      const sentence = `the certificate of ${p.proxy.name}.${p.proxy.namespace} ${words} and was not renewed`;
      const link = `/workloads/${encodeURIComponent(member.namespace)}/${encodeURIComponent(member.name)}`;
      return [{ health: ends <= now ? ("failing" as const) : ("degraded" as const), sentence, link, weight: 1500 }];
    }),
  );
}

function history({ historyError }: Observed): Weighed[] {
  if (historyError === undefined) return [];
  return [
    {
      health: "degraded",
      sentence: `traffic is kept in memory for some minutes only: ${historyError}`,
      link: "/traffic",
      weight: 100,
    },
  ];
}

function nameOf(id: string): string {
  const { type, name } = parseNodeId(id);
  if (type === "unknown") return "an unknown caller";
  return type === "service" ? (name.split(".")[0] ?? name) : name;
}

function edgeLink(edge: MeasuredEdge): string {
  const end = [edge.target, edge.source].map(parseNodeId).find((n) => n.type === "workload");
  return end ? `/workloads/${encodeURIComponent(end.namespace)}/${encodeURIComponent(end.name)}` : "/traffic";
}

/** `14:03`, in this machine's time zone. */
function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 5);
}
