import { isDeepStrictEqual } from "node:util";
import type { Condition } from "./condition.ts";

/** A JSON object. */
export type Json = { readonly [name: string]: unknown };

/** What a written status needs to know beside what it says. */
export interface Stamp {
  /** Of the object that was looked at. */
  readonly generation: number;
  /** RFC 3339, to the second. */
  readonly now: string;
  /** Whether an entry of a route's or policy's status is the mesh's, by its controller. */
  readonly isOwn: (controllerName: string) => boolean;
}

/** Types of conditions that the mesh writes: such as it no longer says go; those of others stay. */
const ownTypes: ReadonlySet<string> = new Set([
  "Accepted",
  "Programmed",
  "ResolvedRefs",
  "InsecureFrontendValidationMode",
  "Reconciled",
  "PassedAnalysis",
]);

/** Lists whose entries each belong to one controller, with the field that says what an entry is of. */
const shared: Readonly<Record<string, string>> = { parents: "parentRef", ancestors: "ancestorRef" };

/**
 * A status as it shall be, out of what is wanted and what is there: conditions get their times, which change only with what they say; what
 * others wrote stays. Fields that are not wanted are not in the answer.
 */
export function mergedStatus(wanted: Json, live: Json, stamp: Stamp): Json {
  return Object.fromEntries(
    Object.entries(wanted).map(([field, value]) => {
      const before = live[field];
      const owner = shared[field];
      if (owner !== undefined) return [field, entries(value as readonly Json[], listOf(before), owner, stamp)];
      if (field === "conditions") return [field, ofObject(value as readonly Condition[], listOf(before), stamp)];
      if (field === "listeners") return [field, listeners(value as readonly Json[], listOf(before), stamp)];
      return [field, value];
    }),
  );
}

/** The JSON merge patch that leads from one status to another; undefined where they are the same. */
export function patchOf(next: Json, live: Json): Json | undefined {
  const changed = Object.entries(next).filter(([field, value]) => !sameJson(value ?? null, live[field] ?? null));
  // In a merge patch null takes a field away.
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map(([field, value]) => [field, value ?? null]));
}

/** An empty list is written like none. */
function sameJson(a: unknown, b: unknown): boolean {
  const plain = (value: unknown) => (Array.isArray(value) && value.length === 0 ? null : value);
  return isDeepStrictEqual(plain(a), plain(b));
}

function ofObject(wanted: readonly Condition[], live: readonly Json[], stamp: Stamp): readonly Json[] {
  const others = live.filter((c) => !ownTypes.has(String(c["type"])));
  return [...dated(wanted, live, stamp), ...others];
}

function dated(wanted: readonly Condition[], live: readonly Json[], { generation, now }: Stamp): readonly Json[] {
  return wanted.map((condition) => {
    const before = live.find((c) => c["type"] === condition.type && c["status"] === condition.status);
    const since = before?.["lastTransitionTime"] ?? now;
    return { ...condition, observedGeneration: generation, lastTransitionTime: since };
  });
}

function listeners(wanted: readonly Json[], live: readonly Json[], stamp: Stamp): readonly Json[] {
  return wanted.map((listener) => {
    const before = live.find((l) => l["name"] === listener["name"]);
    return withConditions(listener, before, stamp);
  });
}

function entries(wanted: readonly Json[], live: readonly Json[], owner: string, stamp: Stamp): readonly Json[] {
  const others = live.filter((entry) => !stamp.isOwn(String(entry["controllerName"])));
  const own = wanted.map((entry) => {
    const before = live.find(
      (l) => l["controllerName"] === entry["controllerName"] && isDeepStrictEqual(l[owner], entry[owner]),
    );
    return withConditions(entry, before, stamp);
  });
  return [...others, ...own];
}

function withConditions(wanted: Json, before: Json | undefined, stamp: Stamp): Json {
  const conditions = dated(wanted["conditions"] as readonly Condition[], listOf(before?.["conditions"]), stamp);
  return { ...wanted, conditions };
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
