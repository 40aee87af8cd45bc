import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import { type Json, mergedStatus, patchOf, type Stamp } from "./merge.ts";

const stamp: Stamp = { generation: 3, now: "2026-02-02T00:00:00Z", isOwn: (name) => name === "weft.dev/x" };
const accepted = (status: string, reason = "Accepted") => ({ type: "Accepted", status, reason, message: "" });
const written = (status: string, since: string, reason = "Accepted") => ({
  ...accepted(status, reason),
  observedGeneration: 3,
  lastTransitionTime: since,
});

test("the time of a condition changes with its status alone", () => {
  const live = { conditions: [{ ...written("True", "2025-01-01T00:00:00Z"), observedGeneration: 2 }] };
  deepStrictEqual(mergedStatus({ conditions: [accepted("True", "Other")] }, live, stamp), {
    conditions: [written("True", "2025-01-01T00:00:00Z", "Other")],
  });
  deepStrictEqual(mergedStatus({ conditions: [accepted("False")] }, live, stamp), {
    conditions: [written("False", stamp.now)],
  });
});

test("conditions of others stay, and our own that are no longer said go", () => {
  const others = { type: "Scanned", status: "True" };
  const live = { conditions: [others, { type: "InsecureFrontendValidationMode", status: "True" }] };
  deepStrictEqual(mergedStatus({ conditions: [accepted("True")] }, live, stamp), {
    conditions: [written("True", stamp.now), others],
  });
});

test("parents of other controllers stay as they are; our own are replaced by what they are of", () => {
  const entry = (controllerName: string, name: string, conditions: readonly Json[]) => ({
    ...{ parentRef: { name }, controllerName, conditions },
  });
  const others = entry("a.example/b", "front", [{ type: "Accepted", status: "False", anything: 1 }]);
  const live = {
    parents: [
      entry("weft.dev/x", "gone", [written("True", "2025-01-01T00:00:00Z")]),
      others,
      entry("weft.dev/x", "front", [written("True", "2025-01-01T00:00:00Z")]),
    ],
  };
  const wanted = { parents: [entry("weft.dev/x", "front", [accepted("True")])] };
  deepStrictEqual(mergedStatus(wanted, live, stamp), {
    parents: [others, entry("weft.dev/x", "front", [written("True", "2025-01-01T00:00:00Z")])],
  });
  deepStrictEqual(mergedStatus({ parents: [] }, live, stamp), { parents: [others] });
});

test("a patch has what differs, takes away what is not said, and is none where nothing differs", () => {
  const live = { addresses: [], attachedListenerSets: 1, conditions: [written("True", stamp.now)] };
  deepStrictEqual(patchOf({ ...live, attachedListenerSets: undefined }, live), { attachedListenerSets: null });
  strictEqual(patchOf({ ...live, addresses: undefined }, live), undefined);
  strictEqual(patchOf(mergedStatus({ conditions: [accepted("True")] }, live, stamp), live), undefined);
});
