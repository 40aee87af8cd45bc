import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { GraphType } from "./contract/graph.ts";
import { domainOf } from "./domain.ts";
import { workloadId } from "./ends.ts";
import type { Lens } from "./graph/lens.ts";
import type { Known } from "./graph/nodes.ts";
import { withNoise } from "./graph/noise.ts";
import { traitsOf } from "./graph/traits.ts";
import { graphOf } from "./graph.ts";
import { Refusal } from "./http/answer.ts";
import { flagOf, numberOf } from "./http/route.ts";
import { type Member, rosterOf } from "./roster.ts";
import type { MeshState } from "./state.ts";
import type { Traffic } from "./traffic.ts";

interface Readable {
  readonly state: MeshState;
  readonly traffic: Traffic;
  readonly now: () => number;
}

const usualWindow = 60;
const day = 24 * 60 * 60;
/** From more nodes than these on, a graph shows namespaces. */
const usualFold = 600;
const mostNodes = 50_000;
/** A moment this far back is the past: how things are now says nothing of it. */
const pastFrom = 90_000;

/** `GET /api/v1/graph`. */
export async function graphAnswer(mesh: Readable, query: URLSearchParams) {
  const now = mesh.now();
  const at = numberOf(query, "at", { min: 0, max: now + 60_000, fallback: now });
  const window = numberOf(query, "window", { min: 1, max: day, fallback: usualWindow });
  const lens = lensOf(query);
  const roster = rosterOf(mesh.state);
  const edges = lens.operations
    ? await mesh.traffic.operations(at, window)
    : await mesh.traffic.edges(at, window, !query.has("at"));
  const told = withNoise(edges, roster, mesh.state.access().entries);
  return graphOf(
    told,
    roster,
    {
      at,
      window,
      namespaces: namesOf(query, "namespaces"),
      lens,
      past: now - at > pastFrom,
      noise: flagOf(query, "noise"),
      fold: numberOf(query, "fold", { min: 1, max: mostNodes, fallback: usualFold }),
      opened: namesOf(query, "expand"),
    },
    knownOf(mesh.state, roster),
  );
}

const graphTypes: readonly string[] = ["workload", "app", "versioned", "service"] satisfies readonly GraphType[];

/** How a query wants to see the traffic. Throws 400 for a type that is none. */
export function lensOf(query: URLSearchParams): Lens {
  const type = query.get("type") || "workload";
  if (!graphTypes.includes(type))
    throw new Refusal(400, `type: "${type}" is none`, `use one of ${graphTypes.join(", ")}`);
  return { type: type as GraphType, services: flagOf(query, "services"), operations: flagOf(query, "operations") };
}

function namesOf(query: URLSearchParams, name: string): ReadonlySet<string> {
  return new Set((query.get(name) ?? "").split(",").filter((n) => n !== ""));
}

/** What the configuration says of the graph's nodes. */
function knownOf(state: MeshState, roster: ReadonlyMap<string, Member>): Known {
  const snapshot = state.snapshot();
  const domain = domainOf(state);
  const services = all(snapshot, types.Service).map(
    (s) => [`${s.name}.${s.namespace}.svc.${domain}`, { namespace: s.namespace, labels: s.labels }] as const,
  );
  return {
    traits: traitsOf(snapshot, roster, domain),
    services: new Map(services),
    hostnames: hostnamesOf(state, roster),
  };
}

/** Hosts of Gateway objects, by the gateways' workloads that they select. */
function hostnamesOf(state: MeshState, roster: ReadonlyMap<string, Member>): ReadonlyMap<string, readonly string[]> {
  const gateways = [...roster.values()].filter((m) => m.kind === "gateway");
  const found = new Map<string, string[]>();
  for (const { spec } of all(state.snapshot(), types.Gateway)) {
    const { selector = {}, servers = [] } = spec as {
      readonly selector?: Record<string, string>;
      readonly servers?: readonly { readonly hosts?: readonly string[] }[];
    };
    const hosts = servers.flatMap((s) => s.hosts ?? []).map((h) => h.split("/").at(-1) ?? h);
    for (const gateway of gateways) {
      if (!Object.entries(selector).every(([key, value]) => gateway.labels[key] === value)) continue;
      const id = workloadId(gateway.namespace, gateway.name);
      found.set(id, [...(found.get(id) ?? []), ...hosts]);
    }
  }
  return found;
}
