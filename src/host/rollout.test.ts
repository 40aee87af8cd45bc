import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep, type PodState } from "./rollout.ts";

const rollout = { surge: 1, unavailable: 0, recreate: false };
const pod = (name: string, hash: string, change: Partial<PodState> = {}): PodState => ({
  name,
  hash,
  ready: true,
  terminating: false,
  createdAt: 0,
  ...change,
});

describe("the next step", () => {
  test.each<[string, Parameters<typeof nextStep>[0], PodState[], ReturnType<typeof nextStep>]>([
    ["from nothing", { hash: "n", replicas: 2, rollout }, [], { create: 2, remove: [] }],
    ["at rest", { hash: "n", replicas: 1, rollout }, [pod("a", "n")], { create: 0, remove: [] }],
    [
      "a new template: a new Pod first",
      { hash: "n", replicas: 1, rollout },
      [pod("a", "o")],
      { create: 1, remove: [] },
    ],
    [
      "the old one stays until the new one is ready",
      { hash: "n", replicas: 1, rollout },
      [pod("a", "o"), pod("b", "n", { ready: false })],
      { create: 0, remove: [] },
    ],
    ["then it goes", { hash: "n", replicas: 1, rollout }, [pod("a", "o"), pod("b", "n")], { create: 0, remove: ["a"] }],
    [
      "an old one that is not ready goes at once",
      { hash: "n", replicas: 1, rollout },
      [pod("a", "o", { ready: false })],
      { create: 1, remove: ["a"] },
    ],
    [
      "recreate: old ones first",
      { hash: "n", replicas: 1, rollout: { ...rollout, recreate: true } },
      [pod("a", "o")],
      { create: 0, remove: ["a"] },
    ],
    [
      "recreate: while they end, nothing",
      { hash: "n", replicas: 1, rollout: { ...rollout, recreate: true } },
      [pod("a", "o", { terminating: true })],
      { create: 0, remove: [] },
    ],
    [
      "fewer: the one that is not ready, then the youngest",
      { hash: "n", replicas: 1, rollout },
      [pod("a", "n"), pod("b", "n", { createdAt: 1 }), pod("c", "n", { ready: false })],
      { create: 0, remove: ["b", "c"] },
    ],
    ["gone", undefined, [pod("a", "n"), pod("b", "o", { terminating: true })], { create: 0, remove: ["a"] }],
  ])("%s", (_, workload, pods, step) => {
    expect(nextStep(workload, pods)).toEqual(step);
  });
});

test("whatever happens, it ends at the wanted Pods, never with too many, and never with fewer ready than promised", () => {
  const settings = fc.record({
    replicas: fc.integer({ min: 0, max: 5 }),
    surge: fc.integer({ min: 0, max: 3 }),
    unavailable: fc.integer({ min: 0, max: 3 }),
    recreate: fc.boolean(),
  });
  fc.assert(
    fc.property(
      settings,
      fc.integer({ min: 0, max: 5 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      ({ replicas, surge, unavailable, recreate }, olds, order) => {
        const workload = {
          hash: "n",
          replicas,
          rollout: { surge, unavailable: surge + unavailable === 0 ? 1 : unavailable, recreate },
        };
        let pods = Array.from({ length: olds }, (_, i) => pod(`old-${i}`, "o"));
        const promised = Math.min(olds, replicas - workload.rollout.unavailable);
        for (let turn = 0; turn < 200; turn++) {
          const step = nextStep(workload, pods);
          pods = pods.map((p) => (step.remove.includes(p.name) ? { ...p, terminating: true } : p));
          for (let i = 0; i < step.create; i++)
            pods.push(pod(`new-${turn}-${i}`, "n", { ready: false, createdAt: turn }));
          const living = pods.filter((p) => !p.terminating);
          expect(living.length).toBeLessThanOrEqual(Math.max(olds, replicas + surge));
          if (!recreate) expect(living.filter((p) => p.ready).length).toBeGreaterThanOrEqual(Math.max(0, promised));
          // The world does one thing: a Pod becomes ready, or one that was told to end is gone.
          const open = pods.filter((p) => p.terminating || !p.ready);
          const chosen = open[(order[turn % Math.max(1, order.length)] ?? 0) % Math.max(1, open.length)];
          if (chosen === undefined && step.create === 0 && step.remove.length === 0) break;
          pods = pods.flatMap((p) => (p !== chosen ? [p] : p.terminating ? [] : [{ ...p, ready: true }]));
        }
        expect(pods.filter((p) => p.hash === "n" && p.ready).length).toBe(replicas);
        expect(pods.length).toBe(replicas);
      },
    ),
    { numRuns: 500 },
  );
});
