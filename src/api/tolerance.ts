import { compileRe2, re2Fault } from "../std/re2.ts";
import type { Health } from "./contract/health.ts";
import type { MeasuredEdge } from "./edges.ts";

/** From which share of requests with some codes on something is no longer well. Shares are 0 to 1. */
export interface Tolerance {
  /** As written: `404`, `4XX`, `5\d\d`. */
  readonly code: string;
  readonly protocol: "http" | "grpc" | "any";
  readonly degraded: number;
  readonly failing: number;
  readonly matches: (code: string) => boolean;
}

/** The annotation that Kiali reads too; see kiali.io/docs/configuration/health. */
export const toleranceAnnotation = "health.kiali.io/rate";

const most = 20;
const longest = 4096;

/**
 * Reads `400,10,20,http,inbound;5XX,5,10`: code, percent from which it is degraded, percent from which it fails, protocol, direction. Rules for what
 * goes out say nothing here: whoever answers is judged. A rule that cannot be read is left out; undefined where none is left.
 */
export function readTolerances(text: string | undefined): readonly Tolerance[] | undefined {
  if (text === undefined || text.length > longest) return undefined;
  const known = read.get(text) ?? text.split(";").slice(0, most).flatMap(toleranceOf);
  if (read.size >= 1000) read.clear();
  read.set(text, known);
  return known.length > 0 ? known : undefined;
}

/** Annotations seen before: every look at the mesh brings them again. A pure function's memory. */
const read = new Map<string, readonly Tolerance[]>();

function toleranceOf(rule: string): Tolerance[] {
  const [code = "", degraded = "", failing = "", protocol = "", direction = ""] = rule
    .split(",")
    .map((part) => part.trim());
  const [low, high] = [Number(degraded) / 100, Number(failing) / 100];
  const pattern = code.replaceAll(/x/gi, "\\d");
  if (code === "" || degraded === "" || failing === "" || !(low >= 0 && high >= low)) return [];
  if (/^outbound$/i.test(direction) || re2Fault(pattern) !== undefined) return [];
  const spoken = protocol.toLowerCase();
  const compiled = compileRe2(pattern);
  return [
    {
      code,
      protocol: spoken === "http" || spoken === "grpc" ? spoken : "any",
      degraded: low,
      failing: high,
      matches: (value) => compiled.matches(value),
    },
  ];
}

/** How edges into something fare by rules of its own. A gRPC rule looks at the share of all its failed requests: edges keep no status. */
export function judge(edges: readonly MeasuredEdge[], rules: readonly Tolerance[]): Health {
  const heard = edges.filter((e) => e.protocol !== "tcp" && e.count > 0);
  if (heard.length === 0) return "unknown";
  const verdicts = rules.map((rule) => {
    const ours = heard.filter((e) => rule.protocol === "any" || e.protocol === rule.protocol);
    const share = shareOf(ours, rule);
    if (share > 0 && share >= rule.failing) return "failing";
    return share > 0 && share >= rule.degraded ? "degraded" : "healthy";
  });
  return verdicts.includes("failing") ? "failing" : verdicts.includes("degraded") ? "degraded" : "healthy";
}

function shareOf(edges: readonly MeasuredEdge[], rule: Tolerance): number {
  const all = edges.reduce((n, e) => n + e.rate, 0);
  const bad = edges.reduce((n, e) => n + (e.protocol === "grpc" ? e.rate * e.errorShare : codes(e, rule)), 0);
  return all > 0 ? bad / all : 0;
}

function codes(edge: MeasuredEdge, rule: Tolerance): number {
  return Object.entries(edge.codes).reduce((n, [code, perSecond]) => n + (rule.matches(code) ? perSecond : 0), 0);
}
