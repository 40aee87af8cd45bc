import type { AccessEntry } from "../model/access.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Access, AccessItem } from "./contract/access.ts";
import { policyOf } from "./policy-check.ts";
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
