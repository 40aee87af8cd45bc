import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { describe, test } from "vitest";
import { plausible } from "./binomial.ts";
import { readTopic } from "./format.ts";
import { faults } from "./judge.ts";
import type { Outcome } from "./mesh/wire.ts";

// The table itself: a case that says nothing, or says it wrongly, must not pass.

const topic = (text: string) => () => readTopic("t", text);

describe("a file that is refused", () => {
  const table: readonly (readonly [string, string, RegExp])[] = [
    [
      "unknown key of a case",
      "[{state: s, cases: [{name: n, call: GET http://x/, expects: {}}]}]",
      /"expects" is unknown/,
    ],
    ["no expectation", "[{state: s, cases: [{name: n, call: GET http://x/}]}]", /expect: is not a map/],
    ["an empty one", "[{state: s, cases: [{name: n, call: GET http://x/, expect: {}}]}]", /expects nothing/],
    ["unknown expectation", "[{state: s, cases: [{name: n, call: GET http://x/, expect: {stauts: 1}}]}]", /"stauts"/],
    ["of what was seen", "[{state: s, cases: [{name: n, call: GET http://x/, expect: {saw: {pth: 1}}}]}]", /"pth"/],
    ["no case", "[{state: s}]", /has no case/],
    ["no call", "[{state: s, cases: [{name: n, call: x, expect: {status: 1}}]}]", /is no call/],
    ["refusal of nothing", "[{state: s, refused: {VirtualService/x: y}}]", /no object VirtualService\/x/],
  ];
  test.each(table)("%s", (_, text, why) => void throws(topic(text), why));
});

describe("outcomes", () => {
  const report = {
    workload: "default/echo-v1",
    port: 1,
    protocol: "HTTP/1.1",
    peer: "",
    headers: { a: "b" },
    bytes: 0,
  };
  const outcome: Outcome = { status: 200, headers: { x: "1" }, report, seconds: 0.1 };
  const wrong = (expect: Parameters<typeof faults>[0], outcomes = [outcome]) =>
    faults(expect, outcomes, new Map()).length;

  test("each expectation finds what differs, and is content with what is so", () => {
    const right = { status: 200, by: "echo-v1", headers: { x: "1", y: null }, saw: { headers: { a: "b" }, bytes: 0 } };
    strictEqual(wrong({ ...right, seconds: { least: 0.05 } }), 0);
    const bad: Parameters<typeof faults>[0][] = [
      { status: 201 },
      { by: "echo-v2" },
      { error: "refused" },
      { headers: { x: null } },
      { headers: { x: { matches: "2" } } },
      { headers: { y: true } },
      { saw: { headers: { a: null } } },
      { saw: { bytes: 1 } },
      { seconds: { least: 1 } },
      { counts: { "echo-v1": 2 } },
      { got: { x: 1 } },
      { grpc: 0 },
      { body: "x" },
      { tls: { name: "x" } },
    ];
    deepStrictEqual(
      bad.map((expect) => wrong(expect) > 0),
      bad.map(() => true),
    );
  });

  test("no answer is a fault, unless it is expected", () => {
    const failed: Outcome = { error: "closed", seconds: 0 };
    strictEqual(wrong({ headers: { y: null } }, [failed]), 1);
    strictEqual(wrong({ error: "closed" }, [failed]), 0);
  });

  test("shares that chance allows, and others", () => {
    const other: Outcome = { ...outcome, report: { ...report, workload: "default/echo-v2" } };
    const of = (a: number, b: number) => [...Array(a).fill(outcome), ...Array(b).fill(other)] as Outcome[];
    const half = { share: { "echo-v1": 0.5, "echo-v2": 0.5 } };
    strictEqual(wrong(half, of(110, 90)), 0);
    ok(wrong(half, of(160, 40)) > 0);
    ok(wrong({ share: { "echo-v1": 1 } }, of(199, 1)) > 0);
  });
});

test("the tails of the binomial distribution", () => {
  // Of 10 throws none with probability 2^-10, of 40 with 9.1e-13.
  strictEqual(plausible(0, 10, 0.5, 1e-9), true);
  strictEqual(plausible(0, 40, 0.5, 1e-9), false);
  strictEqual(plausible(40, 40, 0.5, 1e-9), false);
  strictEqual(plausible(20, 40, 0.5, 1e-9), true);
  strictEqual(plausible(0, 400, 0, 1e-9), true);
  strictEqual(plausible(1, 400, 0, 1e-9), false);
});
