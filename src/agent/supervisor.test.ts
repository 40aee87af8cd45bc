import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { alive, type ProcessId, processId, signal } from "./process.ts";
import { type Exit, type Supervisor, supervise } from "./supervisor.ts";

const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const running: Supervisor[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop(100);
});

function supervised(script: string, told: { starts: ProcessId[]; exits: Exit[] }, goodAfter = 60_000): Supervisor {
  const made = supervise({
    spawn: () => node(script),
    clock,
    random,
    backoff: { base: 20, max: 50 },
    goodAfter,
    onStart: (id) => told.starts.push(id),
    onExit: (exit) => told.exits.push(exit),
  });
  running.push(made);
  return made;
}

function node(script: string): ChildProcess {
  return spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true });
}

const forever = "setInterval(() => {}, 1000)";
const soon = { timeout: 20_000, interval: 10 };

test("a process that ends is started again, and its exits are told", async () => {
  const told = { starts: [] as ProcessId[], exits: [] as Exit[] };
  const one = supervised("process.exit(3)", told);
  one.start();
  await vi.waitFor(() => expect(told.starts.length).toBeGreaterThanOrEqual(3), soon);
  expect(told.exits[0]).toEqual({ code: 3, signal: null });
  expect(one.restarts).toBeGreaterThanOrEqual(2);
});

test("a program that is not there is told as that, and tried again", async () => {
  const exits: Exit[] = [];
  const one = supervise({
    spawn: () => spawn("/no/such/program"),
    clock,
    random,
    backoff: { base: 20, max: 50 },
    goodAfter: 1000,
    onExit: (exit) => exits.push(exit),
  });
  running.push(one);
  one.start();
  await vi.waitFor(() => expect(exits.length).toBeGreaterThanOrEqual(2), soon);
  expect(exits[0]?.error).toMatch(/ENOENT/);
});

test("what is killed comes back; what is stopped stays away, by force where it does not heed", async () => {
  const told = { starts: [] as ProcessId[], exits: [] as Exit[] };
  const one = supervised(`process.on("SIGTERM", () => {}); ${forever}`, told);
  one.start();
  one.kill();
  await vi.waitFor(() => expect(told.starts.length).toBe(2), soon);
  const last = told.starts[1] as ProcessId;
  await one.stop(50);
  expect(alive(last)).toBe(false);
  expect(one.current).toBeUndefined();
});

test("a process that somebody else started is taken over: its end is seen, and it is started again", async () => {
  const stranger = node(forever);
  const id = processId(stranger.pid as number) as ProcessId;
  const told = { starts: [] as ProcessId[], exits: [] as Exit[] };
  const one = supervised(forever, told);
  one.adopt(id, 4);
  expect(one.current).toEqual(id);
  signal(id, "SIGKILL");
  await vi.waitFor(() => expect(told.starts.length).toBe(1), soon);
  expect(one.restarts).toBe(5);
});

test("one that is gone already when it is taken over is started", async () => {
  const told = { starts: [] as ProcessId[], exits: [] as Exit[] };
  const one = supervised(forever, told);
  one.adopt({ pid: 2 ** 22 - 1, startedAt: "1" });
  await vi.waitFor(() => expect(told.starts.length).toBe(1), soon);
});

test("a number that the kernel gave to another process is not taken for the old one", () => {
  const me = processId(process.pid) as ProcessId;
  expect(alive(me)).toBe(true);
  expect(alive({ ...me, startedAt: `${Number(me.startedAt) - 1}` })).toBe(false);
  expect(signal({ ...me, startedAt: "0" }, "SIGKILL")).toBe(false);
});
