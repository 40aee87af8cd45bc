import { all, get, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Health } from "../contract/health.ts";
import type { HealthCounts, NamespaceItem } from "../contract/inventory.ts";
import type { MeasuredEdge } from "../edges.ts";
import { type Verdict, workloadHealth } from "../health.ts";
import type { Member } from "../roster.ts";
import type { MeshState } from "../state.ts";
import { summaryOf } from "../workloads.ts";
import { worstOf } from "./applications.ts";
import { namespaceMtls } from "./mtls.ts";

/** Every namespace in which something of the mesh is. */
export function namespacesOf(
  state: Pick<MeshState, "snapshot" | "diagnostics">,
  roster: ReadonlyMap<string, Member>,
  edges: readonly MeasuredEdge[],
): NamespaceItem[] {
  const snapshot = state.snapshot();
  const members = Map.groupBy(roster.values(), (m) => m.namespace);
  const services = Map.groupBy(all(snapshot, types.Service), (s) => s.namespace);
  const findings = Map.groupBy(state.diagnostics(), (d) => d.about?.namespace ?? "");
  const into = Map.groupBy(edges, (e) => e.target);
  return namesOf(snapshot, members).map((name) => {
    const own = members.get(name) ?? [];
    const verdicts = own.map((m) => ({ name: m.name, ...workloadHealth(m, into.get(m.id) ?? []) }));
    const levels = Map.groupBy(findings.get(name) ?? [], (d) => d.level);
    return {
      name,
      ...worstOf(verdicts.filter((v) => v.health !== "unknown")),
      workloads: countsOf(verdicts),
      services: services.get(name)?.length ?? 0,
      applications: new Set(own.map((m) => m.app)).size,
      inMesh: own.filter((m) => m.proxies.length > 0).length,
      inbound: summaryOf(own.flatMap((m) => into.get(m.id) ?? [])),
      mtls: namespaceMtls(snapshot, name),
      ...labelsOf(snapshot, name),
      findings: { errors: levels.get("Error")?.length ?? 0, warnings: levels.get("Warning")?.length ?? 0 },
    };
  });
}

/** How many are how. */
export function countsOf(all: readonly Pick<Verdict, "health">[]): HealthCounts {
  const of = (health: Health) => all.filter((one) => one.health === health).length;
  return { healthy: of("healthy"), degraded: of("degraded"), failing: of("failing"), unknown: of("unknown") };
}

function namesOf(snapshot: Snapshot, members: ReadonlyMap<string, unknown>): readonly string[] {
  const names = new Set(members.keys());
  for (const type of [types.Service, types.ServiceEntry])
    for (const object of all(snapshot, type)) names.add(object.namespace);
  for (const namespace of all(snapshot, types.Namespace)) names.add(namespace.name);
  return [...names].sort();
}

function labelsOf(snapshot: Snapshot, name: string): Pick<NamespaceItem, "labels" | "injection" | "revision"> {
  const labels = get(snapshot, { type: types.Namespace, namespace: "", name })?.labels ?? {};
  const said = labels["istio-injection"];
  const revision = labels["istio.io/rev"];
  const injection = said === "enabled" || said === "disabled" ? said : revision === undefined ? undefined : "enabled";
  return {
    labels,
    ...(injection === undefined ? {} : { injection }),
    ...(revision === undefined ? {} : { revision }),
  };
}
