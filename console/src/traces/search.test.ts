import { expect, test } from "vitest";
import { commandOf, questionOf, readTrace, readTraces } from "./search.ts";

test("the address is read, and what makes no sense in it is left out", () => {
  expect(
    readTraces({ workload: "a/b", failed: "true", min: "12.5", max: "soon", chart: "heat", odd: 1, q: "" }),
  ).toEqual({
    workload: "a/b",
    failed: true,
    min: 12.5,
    chart: "heat",
  });
  expect(readTrace({ spanid: "0af7", with: "not an id" })).toEqual({ spanid: "0af7" });
});

test("question and command say the same", () => {
  const asked = { workload: "shop/web", failed: true as const, min: 5, tag: "user=o'hara" };
  expect(questionOf(asked, ["shop"], 1, 2)).toBe(
    "from=1&to=2&limit=200&workload=shop%2Fweb&min=5&tag=user%3Do%27hara&failed=true&namespaces=shop",
  );
  expect(commandOf(asked, ["shop"], 900)).toBe(
    "npx weft traces --workload shop/web --failed --min 5ms --tag 'user=o'\\''hara' -n shop --since 15m",
  );
});
