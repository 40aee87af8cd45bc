import { expect, test } from "vitest";
import type { Clock } from "../std/clock.ts";
import { watchHealth } from "./health.ts";
import type { Container, Probe } from "./workload.ts";

/** A clock that stands until it is told to go on; what is due is run in order. */
class Hands implements Clock {
  time = 0;
  readonly #due: { at: number; run: () => void }[] = [];
  now(): number {
    return this.time;
  }
  after(ms: number, run: () => void): () => void {
    const entry = { at: this.time + ms, run };
    this.#due.push(entry);
    return () => void (this.#due.includes(entry) && this.#due.splice(this.#due.indexOf(entry), 1));
  }
  async to(time: number): Promise<void> {
    for (;;) {
      // A probe answers in a later turn.
      for (let i = 0; i < 5; i++) await Promise.resolve();
      const next = this.#due.filter((entry) => entry.at <= time).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.time = next.at;
      next.run();
    }
    this.time = time;
  }
}

function watched(
  container: Partial<Container>,
  at: { ready?: boolean; down?: readonly ("startup" | "ready" | "open")[] } = {},
) {
  const clock = new Hands();
  const world = { startup: true, live: true, ready: true, open: true };
  for (const name of at.down ?? []) world[name] = false;
  const tries: string[] = [];
  const told: string[] = [];
  const name = (probe: Probe) =>
    probe === container.startupProbe
      ? "startup"
      : probe === container.livenessProbe
        ? "live"
        : probe === container.readinessProbe
          ? "ready"
          : "open";
  const health = watchHealth({
    container: { name: "c", ...container },
    ready: at.ready ?? false,
    clock,
    attempt: async (probe) => {
      tries.push(`${clock.now()} ${name(probe)}`);
      return world[name(probe)] ? undefined : "no";
    },
    onReady: (is, why) => told.push(`${clock.now()} ${is ? "ready" : `not ready: ${why}`}`),
    onDead: (why) => told.push(`${clock.now()} dead: ${why}`),
  });
  return { clock, world, tries, told, health };
}

const get = { httpGet: { port: 80 } };

test("ready when the probe first succeeds, tried early and often; then once a period", async () => {
  const { clock, world, told, tries } = watched(
    {
      readinessProbe: { ...get, periodSeconds: 10, initialDelaySeconds: 5 },
    },
    { down: ["ready"] },
  );
  await clock.to(1000);
  expect(told).toEqual([]);
  expect(tries.length).toBe(6);
  world.ready = true;
  await clock.to(1200);
  expect(told).toEqual(["1200 ready"]);
  await clock.to(25_000);
  expect(tries.slice(7)).toEqual(["11200 ready", "21200 ready"]);
});

test("not ready after as many failures as it allows, and ready again", async () => {
  const { clock, world, told } = watched({ readinessProbe: { ...get, periodSeconds: 1, failureThreshold: 3 } });
  await clock.to(0);
  world.ready = false;
  await clock.to(2500);
  expect(told).toEqual(["0 ready"]);
  await clock.to(3000);
  expect(told).toEqual(["0 ready", "3000 not ready: readiness probe: no"]);
  world.ready = true;
  await clock.to(4000);
  expect(told.at(-1)).toBe("4000 ready");
});

test("what was ready stays so while probes say nothing else", async () => {
  const { clock, world, told } = watched(
    { readinessProbe: { ...get, periodSeconds: 1, failureThreshold: 2 } },
    { ready: true },
  );
  await clock.to(500);
  expect(told).toEqual([]);
  world.ready = false;
  await clock.to(3000);
  expect(told).toEqual(["2000 not ready: readiness probe: no"]);
});

test("liveness begins after startup, and ends the run once it fails often enough", async () => {
  const { clock, world, told, tries } = watched(
    {
      startupProbe: { ...get, periodSeconds: 1 },
      livenessProbe: { ...get, periodSeconds: 2, failureThreshold: 2 },
    },
    { down: ["startup"] },
  );
  await clock.to(1000);
  expect(tries.every((each) => each.endsWith("startup"))).toBe(true);
  world.startup = true;
  await clock.to(1200);
  world.live = false;
  await clock.to(20_000);
  expect(told).toEqual(["1200 ready", "5200 dead: liveness probe: no"]);
});

test("an application that never starts is ended: its failures count from the initial delay on, each as its share of a period", async () => {
  const { clock, told } = watched(
    {
      startupProbe: { ...get, initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 3 },
    },
    { down: ["startup"] },
  );
  await clock.to(60_000);
  expect(told.length).toBe(1);
  expect(Number(told[0]?.split(" ")[0])).toBeGreaterThanOrEqual(24_000);
  expect(Number(told[0]?.split(" ")[0])).toBeLessThanOrEqual(26_000);
});

test("without a readiness probe: ready when its port is open, or after ten seconds; without a port at once", async () => {
  const open = watched({ ports: [{ containerPort: 80 }] }, { down: ["open"] });
  await open.clock.to(400);
  open.world.open = true;
  await open.clock.to(20_000);
  expect(open.told).toEqual(["600 ready"]);
  const closed = watched({ ports: [{ containerPort: 80 }] }, { down: ["open"] });
  await closed.clock.to(20_000);
  expect(closed.told.length).toBe(1);
  expect(closed.told[0]).toMatch(/^(9[89]|10)\d+ ready$/);
  expect(watched({}).told).toEqual(["0 ready"]);
});

test("nothing is tried and nothing told after stop", async () => {
  const { clock, tries, told, health } = watched({ readinessProbe: get, livenessProbe: get });
  health.stop();
  const before = tries.length;
  await clock.to(60_000);
  expect([tries.length, told]).toEqual([before, []]);
});
