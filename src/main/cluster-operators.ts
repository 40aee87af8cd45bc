import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Authority } from "../ca/authority.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { Candidate } from "../kubernetes/lease.ts";
import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Operator, World } from "../operate/operator.ts";
import { rootConfigMaps } from "../operate/root-config-maps.ts";
import { StatusLoop } from "../operate/status/loop.ts";
import { choiceOf, chooses } from "../sources/kubernetes/chosen.ts";
import type { MeshConfigMap } from "../sources/mesh-config-map.ts";
import { meshView } from "./cluster-status.ts";

export interface OperatorParts extends World {
  /** Where the control plane is installed. */
  readonly namespace: string;
  readonly revision: string;
  readonly discovery: Discovery;
  readonly authority: Authority;
  readonly settings: MeshConfigMap;
}

/** What the one leading replica of all revisions keeps right in the cluster, from when it leads until it does not. */
function operators(parts: OperatorParts): readonly Operator[] {
  const { discovery, authority, settings, revision } = parts;
  const namespaces = () => {
    if (!discovery.synced) return [];
    const choice = choiceOf(settings.inForce());
    const read = all(discovery.snapshot, types.Namespace).filter(({ name, labels }) => chooses(choice, name, labels));
    return read.map(({ name }) => name);
  };
  const onChange = (listener: () => void) => discovery.onChange(listener);
  return [
    rootConfigMaps({ ...parts, roots: authority.roots.join(""), namespaces, onChange }),
    () => {
      const loop = new StatusLoop({ ...parts, view: meshView(discovery, revision), onChange });
      return () => loop.stop();
    },
  ];
}

/** Takes part in the election of a leader, and runs the operators while it leads. The answer gives the lead back. */
export function operateWhileLeading(parts: OperatorParts): () => Promise<void> {
  let stops: readonly (() => void)[] = [];
  const candidate = new Candidate({
    ...parts,
    name: "weft-leader",
    identity: `${hostname()}_${randomUUID().slice(0, 8)}`,
    onChange(leads) {
      for (const stop of stops) stop();
      stops = leads ? operators(parts).map((start) => start()) : [];
    },
  });
  return () => candidate.stop();
}
