import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Clock } from "../../std/clock.ts";
import { dueAfter, dueCount, runLoad } from "./run.ts";
import type { Ending, LoadReport } from "./tally.ts";

/** A clock that goes on when told. */
function manualClock(): Clock & { goTo: (ms: number) => Promise<void> } {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    goTo: async (ms) => {
      for (;;) {
        await settle();
        const next = timers.filter(({ at }) => at <= ms).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = ms;
      await settle();
    },
  };
}

/** A sender whose answers take `ms` of the manual clock. */
function slowSender(
  clock: Clock,
  ms: () => number,
  ending: () => Ending,
): { sentAt: number[]; makeSender: () => { send: () => Promise<Ending>; close: () => void } } {
  const sentAt: number[] = [];
  const send = (): Promise<Ending> => {
    sentAt.push(clock.now());
    return new Promise((resolve) => clock.after(ms(), () => resolve(ending())));
  };
  return { sentAt, makeSender: () => ({ send, close: () => {} }) };
}

const OK: Ending = { status: 200, bytes: 10 };
const URL_ = "http://localhost:1/";

test("requests go out on schedule, however slow the answers are", async () => {
  const clock = manualClock();
  const { sentAt, makeSender } = slowSender(
    clock,
    () => 5000,
    () => OK,
  );
  const reports: LoadReport[] = [];
  const run = runLoad({ url: URL_, rate: 4, durationMs: 2000 }, new AbortController().signal, (r) => reports.push(r), {
    clock,
    makeSender,
  });
  await clock.goTo(2000);
  expect(sentAt).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750]);
  expect(reports.map((r) => [r.sent, r.done, r.inFlight])).toEqual([
    [5, 0, 5],
    [8, 0, 8],
  ]);
  await clock.goTo(10_000);
  const last = await run;
  expect(last).toMatchObject({
    final: true,
    sent: 8,
    done: 8,
    ok: 8,
    okShare: 1,
    inFlight: 0,
    behind: 0,
    bytes: 80,
    statuses: { 200: 8 },
  });
  expect(last.latency?.max).toBe(5000);
  expect(last.elapsedMs).toBe(6750);
});

test("with all connections busy a request counts from when it was due", async () => {
  const clock = manualClock();
  const { sentAt, makeSender } = slowSender(
    clock,
    () => 1000,
    () => OK,
  );
  const options = { url: URL_, rate: 10, connections: 1, durationMs: 3000 };
  const run = runLoad(options, new AbortController().signal, () => {}, { clock, makeSender });
  await clock.goTo(20_000);
  const last = await run;
  // The second was due at 100 and had its answer at 2000, the third at 200 and 3000.
  expect(sentAt).toEqual([0, 1000, 2000]);
  expect(last).toMatchObject({ sent: 3, done: 3, behind: 27 });
  expect(last.latency?.max).toBe(2800);
});

test("the signal ends a run at once; what was open is told apart", async () => {
  const clock = manualClock();
  const { makeSender } = slowSender(
    clock,
    () => 450,
    () => OK,
  );
  const stop = new AbortController();
  const run = runLoad({ url: URL_, rate: 10 }, stop.signal, () => {}, { clock, makeSender });
  await clock.goTo(1000);
  stop.abort();
  expect(await run).toMatchObject({ sent: 11, done: 6, inFlight: 5, ok: 6, errors: {} });
});

test("a signal that fired before the start sends nothing", async () => {
  const clock = manualClock();
  const { sentAt, makeSender } = slowSender(
    clock,
    () => 1,
    () => OK,
  );
  expect(await runLoad({ url: URL_ }, AbortSignal.abort(), () => {}, { clock, makeSender })).toMatchObject({
    sent: 0,
    final: true,
  });
  expect(sentAt).toEqual([]);
});

test("each report tells the second before it", async () => {
  const clock = manualClock();
  let count = 0;
  const { makeSender } = slowSender(
    clock,
    () => (clock.now() < 1000 ? 1 : 100),
    () => (count++ < 10 ? OK : { status: 503, bytes: 0 }),
  );
  const reports: LoadReport[] = [];
  const run = runLoad({ url: URL_, rate: 10, durationMs: 1950 }, new AbortController().signal, (r) => reports.push(r), {
    clock,
    makeSender,
  });
  await clock.goTo(5000);
  await run;
  expect(reports[0]).toMatchObject({ lately: { done: 10, okShare: 1 }, okShare: 1, latency: { max: 1 } });
  expect(reports[1]).toMatchObject({ lately: { okShare: 0, latency: { max: 100 } }, statuses: { 200: 10 } });
  expect(reports.at(-1)).toMatchObject({ done: 20, okShare: 0.5, statuses: { 200: 10, 503: 10 }, final: true });
});

test("dueCount and dueAfter agree for any rate", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.double({ min: 0.01, max: 100_000, noNaN: true }),
      (index, rate) => {
        expect(dueCount(dueAfter(index, rate), rate)).toBeGreaterThanOrEqual(index + 1);
        expect(dueCount(dueAfter(index, rate) - 500 / rate, rate)).toBe(index);
      },
    ),
  );
});

test.each([
  [{ url: "localhost:8080" }, /address "localhost:8080": not an http/],
  [{ url: URL_, rate: 0 }, /rate 0: out of range/],
  [{ url: URL_, rate: Number.NaN }, /rate NaN/],
  [{ url: URL_, headers: { "end user": "jason" } }, /header "end user: jason": not a header/],
  [{ url: URL_, headers: { a: "b\nc" } }, /not a header/],
  [{ url: URL_, method: "GET /" }, /method "GET \/"/],
])("options %j are refused in words", async (options, message) => {
  await expect(runLoad(options, new AbortController().signal, () => {})).rejects.toThrow(message);
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("over real HTTP: headers, statuses, bodies, connections that are kept", async () => {
  const seen = new Set<unknown>();
  let count = 0;
  let wrong = 0;
  const base = await serve((request, response) => {
    seen.add(request.socket);
    if (request.headers["end-user"] !== "jason" || request.method !== "POST" || request.url !== "/a?b=c") wrong++;
    request.resume().on("end", () => response.writeHead(count++ % 4 === 3 ? 503 : 200).end("0123456789"));
  });
  const options = {
    url: `${base}/a?b=c`,
    method: "post",
    body: "hello",
    headers: { "end-user": "jason" },
    rate: 200,
    connections: 2,
    durationMs: 200,
    reportEveryMs: 50,
  };
  const reports: LoadReport[] = [];
  const last = await runLoad(options, new AbortController().signal, (report) => reports.push(report));
  expect(wrong).toBe(0);
  expect(last.done).toBe(count);
  expect(last.sent + last.behind).toBe(40);
  expect(last.statuses["503"]).toBe(Math.floor(count / 4));
  expect(last.bytes).toBe(count * 10);
  expect(seen.size).toBeLessThanOrEqual(2);
  expect(reports.at(-1)).toBe(last);
});

test("over real HTTP: every way to fail has its words", async () => {
  const listener: RequestListener = (request, response) => {
    if (request.url === "/reset") request.socket.destroy();
    else if (request.url === "/cut")
      response.writeHead(200, { "content-length": "100" }).write("half", () => request.socket.destroy());
  };
  const base = await serve(listener);
  const fail = async (url: string): Promise<unknown> => {
    const options = { url, rate: 1, durationMs: 1, timeoutMs: 150 };
    return (await runLoad(options, new AbortController().signal, () => {})).errors;
  };
  expect(await fail(`${base}/reset`)).toEqual({ "connection closed without an answer": 1 });
  expect(await fail(`${base}/cut`)).toEqual({ "the answer was cut off": 1 });
  expect(await fail(`${base}/never`)).toEqual({ "no answer within 150 ms": 1 });
  expect(await fail("http://127.0.0.1:1/")).toEqual({ "connection refused": 1 });
});

test("over real HTTP: the signal leaves no connection open", async () => {
  const asked = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const base = await serve((request) => {
    request.socket.once("close", () => closed.resolve());
    asked.resolve();
  });
  const stop = new AbortController();
  const run = runLoad({ url: base, rate: 1 }, stop.signal, () => {});
  await asked.promise;
  stop.abort();
  expect(await run).toMatchObject({ sent: 1, done: 0, inFlight: 1, errors: {} });
  await closed.promise;
});
