import { expect, it } from "vitest";
import { placeIn } from "./yaml-path.ts";

const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts:
  - reviews
  http:
    - match:
        - headers:
            end-user:
              exact: jason
      route:
        - destination:
            host: reviews
            subset: v1
          weight: 10
      timeout: 2s
---
kind: Other
spec:
  mode: STRICT
`;

/** The place at the end of the first line that has these words, with `more` written there. */
function at(words: string, more = "") {
  const end = text.indexOf("\n", text.indexOf(words));
  const offset = end + more.length;
  return placeIn(text.slice(0, end) + more + text.slice(end), offset);
}

it.each([
  ["hosts:", "", ["spec", "hosts"], "value"],
  ["subset: v1", "", ["spec", "http", "[]", "route", "[]", "destination", "subset"], "value"],
  ["weight: 10", "\n          ", ["spec", "http", "[]", "route", "[]"], "key"],
  ["weight: 10", "\n      re", ["spec", "http", "[]"], "key"],
  ["weight: 10", "\n        - de", ["spec", "http", "[]", "route", "[]"], "key"],
  ["timeout: 2s", "\n  t", ["spec"], "key"],
  ["timeout: 2s", "\n    - na", ["spec", "http", "[]"], "key"],
  ["- reviews", "\n  - ", ["spec", "hosts", "[]"], "key"],
  ["mode: STRICT", "\n  s", ["spec"], "key"],
  ["kind: Other", "\nm", [], "key"],
] as const)("after %s%s", (words, more, path, of) => {
  const place = at(words, more === "" && words.endsWith(":") ? " " : more);
  expect(place?.path).toEqual(path);
  expect(place?.of).toBe(of);
});

it("knows what the mapping has already, and nothing of its neighbours", () => {
  expect(at("timeout: 2s", "\n      ")?.beside.toSorted()).toEqual(["match", "route", "timeout"]);
  expect(at("- destination:", "\n          ")?.beside.toSorted()).toEqual(["destination", "weight"]);
  expect(at("mode: STRICT", "\n  ")?.beside).toEqual(["mode"]);
  expect(at("timeout: 2s", "\n    - ")?.beside).toEqual([]);
});

it("offers nothing in a comment", () => {
  expect(at("timeout: 2s", " # re")).toBeUndefined();
});
