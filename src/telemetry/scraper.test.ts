import { describe, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { Scraper, type ScraperOptions, type Target } from "./scraper.ts";

const target = (n: number): Target => ({
  proxyId: `p${n}`,
  pod: `pod-${n}`,
  namespace: "default",
  address: `10.0.0.${n}`,
});
const counter = (uptime: number, values: Record<string, number>) =>
  `# TYPE envoy_server_uptime gauge\nenvoy_server_uptime{} ${uptime}\n# TYPE envoy_istio_requests_total counter\n${Object.entries(
    values,
  )
    .map(([code, value]) => `envoy_istio_requests_total{response_code="${code}"} ${value}\n`)
    .join("")}`;
const histogram = (counts: number[], sum: number) =>
  `# TYPE envoy_istio_d histogram\nenvoy_istio_d_bucket{le="1"} ${counts[0]}\nenvoy_istio_d_bucket{le="5"} ${counts[1]}\nenvoy_istio_d_bucket{le="+Inf"} ${counts[2]}\nenvoy_istio_d_sum{} ${sum}\nenvoy_istio_d_count{} ${counts[2]}\n`;

/** A scraper over answers given by the test, with a clock that only the test moves. */
function setUp(answer: (url: string, signal: AbortSignal) => Promise<string>, options: Partial<ScraperOptions> = {}) {
  const timers = new Set<{ at: number; run: () => void }>();
  const world = {
    now: 1_000_000,
    said: [] as string[],
    looks: [] as { covered: number; found: readonly Increment[] }[],
  };
  const clock: Clock = {
    now: () => world.now,
    after: (ms, run) => {
      const timer = { at: world.now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const say = (m: string) => void world.said.push(m);
  const log: Log = { debug: say, info: say, warn: say, error: say, with: () => log };
  const scraper = new Scraper({
    targets: () => [target(1)],
    fetch: async (url, signal) => {
      const text = await answer(url, signal);
      return (async function* () {
        yield new TextEncoder().encode(text);
      })();
    },
    clock,
    log,
    onLook: (_at, covered, found) => world.looks.push({ covered, found }),
    ...options,
  });
  const advance = (ms: number) => {
    world.now += ms;
    for (const timer of [...timers]) {
      if (timer.at <= world.now) {
        timers.delete(timer);
        timer.run();
      }
    }
  };
  const found = () => world.looks.at(-1)?.found.map((i) => [i.labels["response_code"], i.value]);
  return { scraper, world, advance, found };
}

describe("growth", () => {
  const play = async (answers: string[]) => {
    let i = 0;
    const { scraper, advance, world, found } = setUp(async () => answers[i++] ?? "");
    const seen: unknown[] = [];
    for (const _ of answers) {
      await scraper.look();
      seen.push(found());
      advance(5000);
    }
    return { seen, covered: world.looks.map((l) => l.covered) };
  };

  test("a series that Envoy does not show for a while goes on where it was, or from zero where it was evicted", async () => {
    const { seen } = await play([
      counter(500, { 200: 70, 503: 21 }),
      counter(505, { 200: 71 }),
      counter(510, { 200: 72 }),
      counter(515, { 200: 73, 503: 22 }),
      counter(520, { 200: 74 }),
      counter(525, { 200: 75, 503: 1 }),
    ]);
    expect(seen.slice(1)).toEqual([
      [["200", 1]],
      [["200", 1]],
      [
        ["200", 1],
        ["503", 1],
      ],
      [["200", 1]],
      [
        ["200", 1],
        ["503", 1],
      ],
    ]);
  });

  test("the first look at an Envoy older than us is only a beginning", async () => {
    const { seen, covered } = await play([counter(500, { 200: 70 }), counter(505, { 200: 72, 503: 1 })]);
    expect(seen).toEqual([
      [],
      [
        ["200", 2],
        ["503", 1],
      ],
    ]);
    expect(covered).toEqual([0, 5000]);
  });
  test("Envoy started again: all it counts is new, even where the count is higher than before", async () => {
    const { seen } = await play([counter(500, { 200: 3 }), counter(2, { 200: 5 })]);
    expect(seen[1]).toEqual([["200", 5]]);
  });
  test("Envoy started again while it could not be reached, and has run for longer since than before", async () => {
    const answers = [counter(20, { 200: 3 }), undefined, counter(60, { 200: 5 })];
    let i = 0;
    const { scraper, advance, found } = setUp(async () => answers[i++] ?? Promise.reject(new Error("away")));
    for (const _ of answers) {
      await scraper.look();
      advance(60_000);
    }
    expect(found()).toEqual([["200", 5]]);
  });
  test("a series that was evicted and came back counts from zero", async () => {
    const { seen } = await play([
      counter(500, { 200: 3, 503: 9 }),
      counter(505, { 200: 3 }),
      counter(510, { 200: 3, 503: 9 }),
    ]);
    expect(seen.slice(1)).toEqual([[], [["503", 9]]]);
  });
  test("a counter that fell counts from zero", async () => {
    const { seen } = await play([counter(500, { 200: 30 }), counter(505, { 200: 4 })]);
    expect(seen[1]).toEqual([["200", 4]]);
  });
  test("histograms grow bucket by bucket", async () => {
    let i = 0;
    const texts = [histogram([1, 2, 2], 5), histogram([2, 5, 6], 25)];
    const { scraper, world } = setUp(async () => texts[i++] ?? "");
    await scraper.look();
    await scraper.look();
    expect(world.looks[1]?.found).toEqual([
      { name: "istio_d", labels: {}, value: 4, buckets: { bounds: [1, 5], counts: [1, 2, 1], sum: 20 } },
    ]);
  });
  test("an Envoy that started while we watch: its first answer is growth", async () => {
    const targets = [target(1)];
    const { scraper, advance, found } = setUp(async (url) => counter(url.includes("10.0.0.2") ? 3 : 500, { 200: 7 }), {
      targets: () => targets,
    });
    await scraper.look();
    advance(5000);
    targets.push(target(2));
    await scraper.look();
    expect(found()).toEqual([["200", 7]]);
  });
});

describe("TCP connections", () => {
  const tcp = (uptime: number, open: number, closed: number) =>
    `# TYPE envoy_server_uptime gauge\nenvoy_server_uptime{} ${uptime}\n# TYPE envoy_istio_tcp_connections_opened_total counter\nenvoy_istio_tcp_connections_opened_total{to="db",response_flags="-"} ${open}\n# TYPE envoy_istio_tcp_connections_closed_total counter\nenvoy_istio_tcp_connections_closed_total{to="db",response_flags="UC"} ${closed}\n`;
  const closedOf = (found: readonly Increment[] | undefined) =>
    found?.filter((i) => i.name.includes("closed")).map((i) => [i.labels["to"], i.value]);

  test("that were open when their Envoy started again have ended", async () => {
    const texts = [tcp(500, 3, 0), tcp(505, 8, 1), tcp(2, 1, 0)];
    let i = 0;
    const { scraper, world } = setUp(async () => texts[i++] ?? "");
    for (const _ of texts) await scraper.look();
    expect(world.looks.map((l) => closedOf(l.found))).toEqual([[], [["db", 1]], [["db", 4]]]);
  });

  test("of a proxy that left have ended, even those whose counter Envoy had forgotten", async () => {
    const texts = [tcp(500, 0, 0), tcp(505, 8, 0), "# TYPE envoy_server_uptime gauge\nenvoy_server_uptime{} 510\n"];
    let i = 0;
    let targets = [target(1)];
    const { scraper, world, advance } = setUp(async () => texts[i++] ?? "", { targets: () => targets });
    for (const _ of texts) await scraper.look();
    targets = [];
    await scraper.look();
    advance(60_000);
    await scraper.look();
    expect(world.looks.map((l) => closedOf(l.found))).toEqual([[], [], [], [], [["db", 8]]]);
  });
});

describe("trouble", () => {
  test("a proxy that is away for some looks goes on where it was", async () => {
    let targets = [target(1)];
    let requests = 10;
    const { scraper, advance, found } = setUp(async () => counter(500, { 200: requests }), { targets: () => targets });
    await scraper.look();
    targets = [];
    advance(5000);
    await scraper.look();
    expect(scraper.answers()).toEqual([]);
    targets = [target(1)];
    requests = 17;
    advance(5000);
    await scraper.look();
    expect(found()).toEqual([["200", 7]]);
  });

  test("stopping does not wait for a proxy that does not answer", async () => {
    const { scraper, advance, world } = setUp(() => new Promise<string>(() => {}));
    scraper.start();
    advance(0);
    await scraper.stop();
    expect(world.looks).toHaveLength(1);
  });

  test("a proxy that does not answer is given up after its time, the others are read, and it is told once", async () => {
    let waiting = () => {};
    const { scraper, world, advance, found } = setUp(
      (url) =>
        url.includes("10.0.0.2")
          ? new Promise<string>(() => waiting())
          : Promise.resolve(counter(world.now / 1000, { 200: world.now / 1000 })),
      { targets: () => [target(1), target(2)] },
    );
    for (let i = 0; i < 5; i++) {
      const asked = new Promise<void>((done) => {
        waiting = done;
      });
      const look = scraper.look();
      await asked;
      await new Promise((next) => setImmediate(next)); // the other proxy's answer is read meanwhile
      advance(5000);
      await look;
    }
    expect(found()).toEqual([["200", 5]]);
    expect(scraper.answers().map((a) => [a.pod, a.up])).toEqual([
      ["pod-1", true],
      ["pod-2", false],
    ]);
    expect(world.said).toEqual([
      "pod-2.default (10.0.0.2): its metrics could not be read 3 times (no answer within 4000 ms); its traffic is missing from the graph",
    ]);
  });

  test("an answer that is too long is not read", async () => {
    const { scraper } = setUp(async () => counter(500, { 200: 1 }), { maxBytes: 20 });
    await scraper.look();
    expect(scraper.answers().map((a) => [a.up, a.exposition.size])).toEqual([[false, 0]]);
  });

  test("no more proxies are asked at once than allowed", async () => {
    let running = 0;
    let most = 0;
    const { scraper } = setUp(
      async () => {
        most = Math.max(most, ++running);
        await new Promise((next) => setImmediate(next));
        running--;
        return counter(500, { 200: 1 });
      },
      { targets: () => Array.from({ length: 40 }, (_, i) => target(i)), concurrency: 4 },
    );
    await scraper.look();
    expect(most).toBe(4);
    expect(scraper.answers()).toHaveLength(40);
  });

  test("a proxy that left is forgotten", async () => {
    let targets = [target(1), target(2)];
    const { scraper } = setUp(async () => counter(500, { 200: 1 }), { targets: () => targets });
    await scraper.look();
    targets = [target(2)];
    await scraper.look();
    expect(scraper.answers().map((a) => a.pod)).toEqual(["pod-2"]);
  });
});

test("asks Envoy's Prometheus page on port 15090, or where the target says, for the mesh's metrics only", async () => {
  const urls: string[] = [];
  const addresses = ["10.0.0.7", "10.0.0.7:9999", "fd00::7", "[fd00::7]:9999"];
  const { scraper } = setUp(
    async (url) => {
      urls.push(url);
      return "";
    },
    { targets: () => addresses.map((address) => ({ ...target(1), proxyId: address, address })), concurrency: 1 },
  );
  await scraper.look();
  expect(urls.map((u) => new URL(u).host)).toEqual([
    "10.0.0.7:15090",
    "10.0.0.7:9999",
    "[fd00::7]:15090",
    "[fd00::7]:9999",
  ]);
  expect(new URL(urls[0] ?? "").searchParams.get("filter")).toMatch(/^\^\(istio_\|.*\buptime\b/);
});
