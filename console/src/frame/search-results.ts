import type { ConfigObject } from "../../../src/api/contract/config.ts";
import type { Graph } from "../../../src/api/contract/graph.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import type { ServiceItem } from "../../../src/api/contract/inventory.ts";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { railGroups } from "./rail-entries.ts";

/** One thing that the search can go to. */
export interface SearchResult {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly health?: Health;
  /** Address inside the console. */
  readonly to: string;
}

/** Everything that has a name: workloads, nodes of the graph that are none, configuration. */
export function searchables(
  workloads: readonly Workload[],
  config: readonly ConfigObject[],
  graph?: Graph,
  services: readonly ServiceItem[] = [],
): readonly SearchResult[] {
  const nodes = (graph?.nodes ?? []).filter((n) => n.type === "external" || n.type === "service");
  return [
    ...railGroups.flat().map((page) => ({ id: page.to, kind: "Page", name: page.label, namespace: "", to: page.to })),
    ...services.map((s) => ({
      id: `service ${s.host}`,
      kind: "Service",
      name: s.name,
      namespace: s.namespace,
      health: s.health,
      to: `/services/${encodeURIComponent(s.namespace)}/${encodeURIComponent(s.name)}`,
    })),
    ...workloads.map((w) => ({
      id: w.id,
      kind: "Workload",
      name: w.name,
      namespace: w.namespace,
      health: w.health,
      to: workloadPath(w),
    })),
    ...nodes.map((n) => ({
      id: n.id,
      kind: n.type === "external" ? "Outside" : "Service in traffic",
      name: n.name,
      namespace: n.namespace,
      health: n.health,
      to: `/traffic/node/${n.id}`,
    })),
    ...config.map((c) => ({
      id: configPath(c),
      kind: c.kind,
      name: c.name,
      namespace: c.namespace,
      to: configPath(c),
    })),
  ];
}

function workloadPath(w: Pick<Workload, "namespace" | "name">): string {
  return `/workloads/${encodeURIComponent(w.namespace)}/${encodeURIComponent(w.name)}`;
}

export function configPath(c: Pick<ConfigObject, "type" | "namespace" | "name">): string {
  return `/config/${[c.type, c.namespace || "-", c.name].map(encodeURIComponent).join("/")}`;
}

/**
 * Best first: the name begins with what was typed, then a word in it does, then it is anywhere. Several words must all be found, in name, kind or
 * namespace.
 * @param most how many at most.
 */
export function find(all: readonly SearchResult[], typed: string, most = 12): readonly SearchResult[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all.filter((r) => r.health === "failing" || r.health === "degraded").slice(0, most);
  const scored = all.flatMap((result) => {
    const score = words.reduce((sum, word) => sum + scoreOf(result, word), 0);
    return Number.isFinite(score) ? [{ result, score }] : [];
  });
  return scored
    .sort((a, b) => a.score - b.score || a.result.name.localeCompare(b.result.name))
    .slice(0, most)
    .map((s) => s.result);
}

function scoreOf(result: SearchResult, word: string): number {
  const name = result.name.toLowerCase();
  if (name === word) return 0;
  if (name.startsWith(word)) return 1;
  if (name.split(/[-._]/).some((part) => part.startsWith(word))) return 2;
  if (name.includes(word)) return 3;
  return `${result.kind} ${result.namespace}`.toLowerCase().includes(word) ? 4 : Number.POSITIVE_INFINITY;
}
