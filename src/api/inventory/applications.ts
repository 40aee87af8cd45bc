import type { ApplicationItem } from "../contract/inventory.ts";
import type { MeasuredEdge } from "../edges.ts";
import { type Verdict, workloadHealth, worse } from "../health.ts";
import type { Member } from "../roster.ts";
import { summaryOf } from "../workloads.ts";

/** Workloads of a namespace with the same canonical name, as one; what they call of each other is no traffic of it. */
export function applicationsOf(roster: ReadonlyMap<string, Member>, edges: readonly MeasuredEdge[]): ApplicationItem[] {
  const into = Map.groupBy(edges, (e) => e.target);
  const outOf = Map.groupBy(edges, (e) => e.source);
  const groups = Map.groupBy(roster.values(), (m) => JSON.stringify([m.namespace, m.app]));
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const ids = new Set(members.map((m) => m.id));
    const inbound = members.flatMap((m) => into.get(m.id) ?? []).filter((e) => !ids.has(e.source));
    const outbound = members.flatMap((m) => outOf.get(m.id) ?? []).filter((e) => !ids.has(e.target));
    return {
      namespace: first.namespace,
      name: first.app,
      ...worstOf(members.map((m) => ({ name: m.name, ...workloadHealth(m, into.get(m.id) ?? []) }))),
      versions: [...new Set(members.map((m) => m.version).filter((v) => v !== ""))].sort(),
      workloads: [...ids],
      inbound: summaryOf(inbound),
      outbound: summaryOf(outbound),
    };
  });
}

/** The worst of several states with its sentence; where all are well, how many there are. */
export function worstOf(all: readonly (Verdict & { readonly name: string })[]): Verdict {
  const health = all.reduce<Verdict["health"]>((worst, one) => worse(worst, one.health), "healthy");
  const worst = all.find((one) => one.health === health);
  if (worst === undefined) return { health: "unknown", sentence: "nothing runs here" };
  if (health !== "healthy") return { health, sentence: `${worst.name}: ${worst.sentence}` };
  if (all.length === 1) return { health, sentence: worst.sentence };
  return { health, sentence: `all ${all.length} workloads are well` };
}
