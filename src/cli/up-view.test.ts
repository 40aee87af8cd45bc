import { expect, test } from "vitest";
import { colorsFor } from "./output/colors.ts";
import { createUpView } from "./up-view.ts";

function setUp(isTTY: boolean, env: Record<string, string> = {}) {
  let now = 0;
  let text = "";
  const timers: (() => void)[] = [];
  const output = {
    write: (t: string) => {
      text += t;
    },
    isTTY,
    columns: 60,
  };
  const clock = {
    now: () => now,
    after: (_ms: number, run: () => void) => {
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
  };
  const view = createUpView({ output, env, clock, colors: colorsFor("never", {}, output) });
  return {
    view,
    tick: (ms: number) => {
      now += ms;
      for (const run of timers.splice(0)) run();
    },
    take: () => {
      const taken = text;
      text = "";
      return taken;
    },
  };
}

const workload = (name: string, ready: boolean, message = "starting") => ({
  namespace: "default",
  name,
  ready,
  message,
});

test("elsewhere than on a terminal: a line for each change, and no more", () => {
  const { view, take } = setUp(false);
  view.note("Envoy 1.40.0");
  view.workloads([workload("a", false), workload("b", false, "")]);
  view.workloads([workload("a", false), workload("b", true)]);
  view.workloads([workload("a", true), workload("b", true)]);
  view.end();
  view.workloads([workload("a", false, "late")]);
  expect(take()).toBe("Envoy 1.40.0\ndefault/a: starting\ndefault/b: ready (1 of 2)\ndefault/a: ready (2 of 2)\n");
});

test.each([{ CI: "1" }, { TERM: "dumb" }])("a terminal that cannot draw gets lines: %j", (env) => {
  const { view, take } = setUp(true, env);
  view.workloads([workload("a", false)]);
  expect(take()).toBe("default/a: starting\n");
});

test("on a terminal the table is drawn again in its place, at most once a frame", () => {
  const { view, tick, take } = setUp(true);
  view.workloads([workload("a", false), workload("b", false)]);
  view.workloads([workload("a", false), workload("b", false, "waiting for its proxy")]);
  expect(take()).toBe("");
  tick(100);
  expect(take()).toBe("0 of 2 workloads ready\n· default/a  starting\n· default/b  waiting for its proxy\n");
  tick(1400);
  view.workloads([workload("a", false), workload("b", true)]);
  tick(100);
  expect(take()).toBe(
    "\u001b[3A\u001b[0J1 of 2 workloads ready\n· default/a  starting\n√ default/b  ready after 1.5 s\n",
  );
  view.note("a note stays above");
  expect(take().startsWith("\u001b[3A\u001b[0Ja note stays above\n1 of 2")).toBe(true);
  view.end();
  take();
  tick(100);
  expect(take()).toBe("");
});

test("of many workloads those that wait are shown first, and long words are cut", () => {
  const { view, tick, take } = setUp(true);
  view.workloads([
    ...Array.from({ length: 30 }, (_, i) => workload(`ready-${i}`, true)),
    workload("slow", false, "x".repeat(200)),
  ]);
  tick(100);
  const lines = take().split("\n");
  expect(lines[1]).toMatch(/^· default\/slow +x+…$/);
  expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(60);
  expect(lines).toContain("  and 11 more");
});
