import { allReferences, type ObjectReference } from "../analysis/references.ts";
import type { Reference, References } from "../api/contract/references.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { at, formatPath } from "../model/origin.ts";
import { kindOf, type Ref } from "../model/resource.ts";
import { get } from "../model/snapshot.ts";

/** The most that is told in one direction. */
const most = 500;

/** What an object names and what names it; undefined where there is no such object. */
export function referencesOf({ tracker }: Discovery, ref: Ref): References | undefined {
  if (get(tracker.snapshot, ref) === undefined) return undefined;
  const all = tracker.ask(allReferences, "");
  const uses = all.filter(({ from }) => isSame(from, ref));
  const usedBy = all.filter(({ from, to }) => to !== undefined && isSame(to, ref) && !isSame(from, ref));
  const told = (one: ObjectReference, other: Ref | undefined): Reference => ({
    ...(other === undefined
      ? {}
      : { object: { type: other.type, kind: kindOf(other.type), namespace: other.namespace, name: other.name } }),
    text: one.text,
    field: formatPath(one.path),
    at: placeOf(one),
  });
  const placeOf = ({ from, path }: ObjectReference) => {
    const origin = get(tracker.snapshot, from)?.origin;
    return origin === undefined ? "" : at(origin.locate(path));
  };
  return {
    uses: uses.slice(0, most).map((one) => told(one, one.to)),
    usedBy: usedBy.slice(0, most).map((one) => told(one, one.from)),
  };
}

function isSame(a: Ref, b: Ref): boolean {
  return a.type === b.type && a.namespace === b.namespace && a.name === b.name;
}
