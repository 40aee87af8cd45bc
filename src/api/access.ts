import type { AccessEntry } from "../model/access.ts";
import { at } from "../model/origin.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Access, AccessItem, AccessPolicy } from "./contract.ts";
import type { MeshState } from "./state.ts";

/** What proxies told, of one namespace or workload where the query names one. */
export function accessOf(state: MeshState, query: URLSearchParams, now: number): Access {
  const { since, dropped, entries } = state.access();
  const [namespace, workload] = [query.get("namespace"), query.get("workload")];
  const wanted = entries.filter(
    ({ destination }) =>
      (namespace === null || destination.namespace === namespace) &&
      (workload === null || destination.workload === workload),
  );
  const snapshot = state.snapshot();
  const items = wanted.map((entry) => itemOf(entry, snapshot)).sort((a, b) => b.last - a.last);
  return { now, since, dropped, entries: items };
}

function itemOf({ policy: id, ...entry }: AccessEntry, snapshot: Snapshot): AccessItem {
  const policy = id === undefined ? undefined : policyOf(id, snapshot);
  return { ...entry, ...(policy === undefined ? {} : { policy }) };
}

/** The rule with an id of access logs: `ns[default]-policy[ratings]-rule[0]`. */
function policyOf(id: string, snapshot: Snapshot): AccessPolicy | undefined {
  const found = /ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]/.exec(id);
  if (found === null) return undefined;
  const [, namespace = "", name = "", rule = "0"] = found;
  const object = get(snapshot, { type: types.AuthorizationPolicy, namespace, name });
  return {
    namespace,
    name,
    rule: Number(rule),
    ...(object === undefined ? {} : { at: at(object.origin.locate(["spec", "rules", Number(rule)])) }),
  };
}
