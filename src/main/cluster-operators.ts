import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Authority } from "../ca/authority.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { Candidate } from "../kubernetes/lease.ts";
import { all, get } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { earlyGateways } from "../operate/early-gateways.ts";
import { gatewayController } from "../operate/gateways/controller.ts";
import type { Operator, World } from "../operate/operator.ts";
import type { LeadersShare } from "../operate/revision.ts";
import { rootConfigMaps } from "../operate/root-config-maps.ts";
import { StatusLoop } from "../operate/status/loop.ts";
import { choiceOf, chooses } from "../sources/kubernetes/chosen.ts";
import type { MeshConfigMap } from "../sources/mesh-config-map.ts";
import { wantedRouters } from "./cluster-gateways.ts";
import { meshView } from "./cluster-status.ts";
import type { Replicas } from "./replicas.ts";

export interface OperatorParts extends World {
  /** Where the control plane is installed. */
  readonly namespace: string;
  readonly revision: string;
  readonly discovery: Discovery;
  readonly authority: Authority;
  readonly settings: MeshConfigMap;
  /** How far objects are with the proxies of other replicas. */
  readonly replicas: Pick<Replicas, "held" | "onChange">;
}

/** What the one leading replica of all revisions keeps right in the cluster, from when it leads until it does not. */
function operators(parts: OperatorParts): readonly Operator[] {
  const { discovery, authority, settings } = parts;
  const namespaces = () => {
    if (!discovery.synced) return [];
    const choice = choiceOf(settings.inForce());
    const read = all(discovery.snapshot, types.Namespace).filter(({ name, labels }) => chooses(choice, name, labels));
    return read.map(({ name }) => name);
  };
  const onChange = (listener: () => void) => {
    const ends = [discovery.onChange(listener), authority.onChange(listener)];
    return () => {
      for (const end of ends) end();
    };
  };
  const roots = () => authority.roots.join("");
  return [rootConfigMaps({ ...parts, roots, namespaces, onChange }), earlyGateways(parts)];
}

/** What is written for objects of the mesh: statuses, and routers of Gateways. */
function writers(parts: OperatorParts, share: LeadersShare): readonly Operator[] {
  const { discovery, replicas } = parts;
  const onChange = (listener: () => void) => discovery.onChange(listener);
  const onAnyChange = (listener: () => void) => {
    const ends = [discovery.onChange(listener), replicas.onChange(listener)];
    return () => {
      for (const end of ends) end();
    };
  };
  return [
    () => {
      const view = meshView(discovery, share, () => replicas.held());
      const loop = new StatusLoop({ ...parts, view, onChange: onAnyChange });
      return () => loop.stop();
    },
    gatewayController({
      ...{ ...parts, onChange, wanted: wantedRouters(discovery, share) },
      there: (ref) => get(discovery.snapshot, ref),
    }),
  ];
}

/**
 * Takes part in the elections of a leader, and runs the operators while it leads: one leader of all revisions, for what belongs to none, and one of its
 * own, as no other revision sees objects with the label of this one. The answer gives the leads back.
 */
export function operateWhileLeading(parts: OperatorParts): () => Promise<void> {
  const identity = `${hostname()}_${randomUUID().slice(0, 8)}`;
  const leads = [
    candidate(parts, identity, "weft-leader", () => [...operators(parts), ...writers(parts, "unlabelled")]),
    candidate(parts, identity, `weft-leader-${parts.revision}`, () => writers(parts, "labelled")),
  ];
  return async () => {
    await Promise.all(leads.map((lead) => lead.stop()));
  };
}

function candidate(parts: OperatorParts, identity: string, name: string, made: () => readonly Operator[]): Candidate {
  let stops: readonly (() => void)[] = [];
  return new Candidate({
    ...{ ...parts, name, identity },
    onChange(leads) {
      for (const stop of stops) stop();
      stops = leads ? made().map((start) => start()) : [];
    },
  });
}
