import { holdersOf, shortName } from "../api/xds-view.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { LeadersShare } from "../operate/revision.ts";
import type { Held } from "../operate/status/istio-status.ts";
import type { MeshView } from "../operate/status/wanted.ts";
import { findings } from "./findings.ts";
import { type HeldAt, heldWithGenerations, together } from "./peers.ts";

/** What statuses are made of, as this replica knows it, with the counts of the others; undefined until it knows the mesh whole. */
export function meshView(
  discovery: Discovery,
  share: LeadersShare,
  others: () => readonly HeldAt[] = () => [],
): () => MeshView | undefined {
  return () => {
    if (!discovery.synced || !discovery.current) return undefined;
    const { snapshot, tracker } = discovery;
    const found = [...discovery.diagnostics(), ...findings(discovery)];
    return { snapshot, tracker, share, held: together(heldHere(discovery), others()), findings: found };
  };
}

/** What this replica's own proxies hold. */
export function heldHere(discovery: Discovery): HeldAt {
  return heldWithGenerations(heldBy(discovery), discovery.snapshot);
}

/** By origin, how many proxies hold something made of an object, have taken it, or refused it. */
function heldBy(discovery: Discovery): ReadonlyMap<string, Held> {
  const proxies = discovery.proxies();
  const streams = proxies.map(({ session, config }) => ({
    config,
    types: session.status(),
    resource: (type: string, name: string) => session.resource(type, name),
  }));
  const held = new Map<string, Held>(holdersOf(streams));
  for (const { types } of streams) {
    const told = new Set<string>();
    for (const { typeUrl, rejected } of types) {
      for (const { resource, error } of rejected) {
        for (const origin of resource.origins) {
          const before = held.get(origin);
          if (before === undefined || told.has(origin)) continue;
          told.add(origin);
          const { refused = { resource: `${shortName(typeUrl)} ${resource.name}`, error, proxies: 0 } } = before;
          held.set(origin, { ...before, refused: { ...refused, proxies: refused.proxies + 1 } });
        }
      }
    }
  }
  return held;
}
