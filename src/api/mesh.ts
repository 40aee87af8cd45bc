import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Health } from "./contract/health.ts";
import type { Mesh } from "./contract/mesh.ts";
import type { MeasuredEdge } from "./edges.ts";
import { workloadHealth, worse } from "./health.ts";
import { syncOf } from "./proxy-state.ts";
import type { Member } from "./roster.ts";
import type { MeshState } from "./state.ts";

/** The mesh in one dot and one sentence. */
export function meshOf(state: MeshState, roster: ReadonlyMap<string, Member>, edges: readonly MeasuredEdge[]): Mesh {
  const about = state.about();
  const proxies = state.proxies();
  const synced = proxies.filter((p) => syncOf(p) === "synced").length;
  const diagnostics = state.diagnostics();
  const levels = Map.groupBy(diagnostics, (d) => d.level);
  const inbound = Map.groupBy(edges, (e) => e.target);
  const running = [...roster.values()].filter((m) => m.pods.length + m.proxies.length > 0);
  const verdicts = running.map((m) => ({ name: m.name, ...workloadHealth(m, inbound.get(m.id) ?? []) }));
  const errors = levels.get("Error")?.length ?? 0;
  let health = verdicts.reduce<Health>(
    (worst, v) => worse(worst, v.health),
    proxies.length > 0 ? "healthy" : "unknown",
  );
  if (synced < proxies.length || errors > 0) health = worse(health, "degraded");
  const failing = verdicts.find((v) => v.health === "failing");
  return {
    name: about.name,
    version: about.version,
    envoyVersion: about.envoyVersion,
    trustDomain: about.trustDomain,
    health,
    sentence: failing ? `${failing.name}: ${failing.sentence}` : sentenceOf(proxies, synced, errors, verdicts),
    proxies: { total: proxies.length, synced },
    diagnostics: { errors, warnings: levels.get("Warning")?.length ?? 0, infos: levels.get("Info")?.length ?? 0 },
    namespaces: namespacesOf(state, roster),
    doors: about.doors,
    startedAt: about.startedAt,
    ...(about.replica === undefined ? {} : { replica: about.replica }),
  };
}

function sentenceOf(
  proxies: ReturnType<MeshState["proxies"]>,
  synced: number,
  errors: number,
  verdicts: readonly { readonly name: string; readonly health: Health; readonly sentence: string }[],
): string {
  if (proxies.length === 0) return "no proxy has connected yet";
  if (synced < proxies.length) {
    const waiting = proxies.filter((p) => syncOf(p) !== "synced").map((p) => p.proxy.name);
    const shown = waiting.slice(0, 2).join(", ");
    const more = waiting.length > 2 ? ` and ${waiting.length - 2} more` : "";
    return `${synced} of ${proxies.length} proxies in sync; waiting for ${shown}${more}`;
  }
  const troubled = verdicts.find((v) => v.health === "degraded");
  if (troubled) return `${troubled.name}: ${troubled.sentence}`;
  const all = proxies.length === 1 ? "the one proxy is in sync" : `all ${proxies.length} proxies in sync`;
  return errors === 0 ? all : `${all}; ${errors === 1 ? "one error" : `${errors} errors`} in the configuration`;
}

/** Namespaces in which something of the mesh is: those of workloads and of services, and those that were declared. */
function namespacesOf(state: MeshState, roster: ReadonlyMap<string, Member>): string[] {
  const snapshot = state.snapshot();
  const names = new Set([...roster.values()].map((m) => m.namespace));
  for (const type of [types.Service, types.ServiceEntry])
    for (const object of all(snapshot, type)) names.add(object.namespace);
  for (const namespace of all(snapshot, types.Namespace)) names.add(namespace.name);
  return [...names].sort();
}
