import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import type { SourceEvent } from "../../model/change.ts";
import type { Resource } from "../../model/resource.ts";
import { KeySource, type WantedKeys } from "./source.ts";

const directory = mkdtempSync(join(tmpdir(), "keys-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const minute = 60_000;
const hour = 60 * minute;
const key = (kid: string) => ({ kty: "RSA", kid, n: "3q2-7w", e: "AQAB" });
const set = (...kids: string[]) => JSON.stringify({ keys: kids.map(key) });

const place = { file: "r.yaml", line: 3, column: 7 };
const by = {
  ...{ type: "RequestAuthentication.security.istio.io", namespace: "shop", name: "users", apiVersion: "", spec: {} },
  ...{ labels: {}, annotations: {}, createdAt: 0, generation: 1 },
  origin: { ...place, at: "r.yaml:1:1", locate: () => place },
} satisfies Resource;

const wanted = (url: string): WantedKeys => ({
  as: { type: "KeySet.weft.dev", namespace: "", name: url },
  at: { url },
  timeoutMs: 5000,
  by: [{ object: by, path: ["spec", "jwtRules", 0] }],
});

let folders = 0;

/** A source with a clock that a test turns, an internet of texts, and what it told. */
function world(folder = `f${folders++}`, at = 0) {
  const internet = new Map<string, string>();
  const ages = new Map<string, number>();
  const asked: string[] = [];
  const events: SourceEvent[] = [];
  let now = at;
  let timers: { at: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void) => {
    const timer = { at: now + ms, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((t) => t !== timer);
    };
  };
  const random = { next: () => 0.5, bytes: (n: number) => new Uint8Array(n) };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const made = new KeySource({
    ...{ folder: join(directory, folder), clock: { now: () => now, after }, random },
    async get(url) {
      asked.push(url);
      const text = internet.get(url);
      if (text === undefined) throw new Error("its server answers 503");
      const maxAge = ages.get(url);
      return { bytes: Buffer.from(text), ...(maxAge === undefined ? {} : { maxAge }) };
    },
  });
  void made.start((event) => void events.push(event));
  return {
    ...{ made, internet, ages, asked, events, settled, folder },
    waits: () => timers.map((t) => t.at - now),
    /** Lets time pass, timer by timer. */
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        timers = timers.filter((t) => t !== next);
        now = next.at;
        next.run();
        await settled();
      }
      now = end;
    },
    keys: () =>
      new Map(
        events.flatMap((e) =>
          e.changes.map((c): [string, string | undefined] =>
            "put" in c ? [c.put.name, (c.put.spec as { keys?: string }).keys] : [c.remove.name, "gone"],
          ),
        ),
      ),
    said: () => (events.at(-1)?.diagnostics ?? []).map((d) => `${d.level} ${d.message}; ${d.fix}`),
  };
}

const url = "https://id.example/keys";

describe("fetching", () => {
  test("it speaks once everything that is wanted was tried", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url), wanted("https://down.example/")]);
    strictEqual(w.events.length, 0);
    await w.settled();
    deepStrictEqual([...w.keys()], [[url, set("a")]]);
    deepStrictEqual(w.said(), [
      "Error the keys of its tokens cannot be fetched: https://down.example/: its server answers 503; until they can, every token of this issuer is refused with 401",
    ]);
    deepStrictEqual(w.events.at(-1)?.diagnostics[0]?.position, place);
  });

  test("where nothing is wanted it speaks at once, and where an answer takes long not after all others", async () => {
    const none = world();
    none.made.want([]);
    deepStrictEqual(none.events, [{ changes: [], diagnostics: [] }]);
    const events: SourceEvent[] = [];
    let overdue = (): void => {};
    const slow = new KeySource({
      folder: join(directory, "slow"),
      clock: {
        now: () => 0,
        after: (_, run) => {
          overdue = run;
          return () => {};
        },
      },
      random: { next: () => 0, bytes: (n) => new Uint8Array(n) },
      get: () => new Promise(() => {}),
    });
    await slow.start((event) => void events.push(event));
    slow.want([wanted(url)]);
    deepStrictEqual(events, []);
    overdue();
    deepStrictEqual(events, [{ changes: [], diagnostics: [] }]);
  });
});

describe("asking again", () => {
  test("in 20 minutes, sooner where the server says so, but not at once", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url)]);
    await w.settled();
    deepStrictEqual(w.waits(), [19 * minute]);
    w.ages.set(url, 300);
    await w.pass(19 * minute);
    deepStrictEqual([w.asked.length, w.waits()], [2, [4.75 * minute]]);
    w.ages.set(url, 0);
    await w.pass(5 * minute);
    deepStrictEqual([w.asked.length, w.waits().length], [3, 1]);
    ok((w.waits()[0] as number) > 0.9 * minute - 0.25 * minute - 1);
  });

  test("the same keys are told once, others as soon as they are there", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url)]);
    await w.pass(hour);
    ok(w.asked.length > 3);
    strictEqual(w.events.filter((e) => e.changes.length > 0).length, 1);
    w.internet.set(url, set("a", "b"));
    await w.pass(20 * minute);
    strictEqual(w.keys().get(url), set("a", "b"));
  });

  test("sooner where a token fits none of them, but not more often than each half minute", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url)]);
    await w.settled();
    for (let i = 0; i < 100; i++) w.made.refresh();
    deepStrictEqual(w.waits(), [minute / 2]);
    w.internet.set(url, set("a", "b"));
    await w.pass(minute / 2);
    deepStrictEqual([w.asked.length, w.keys().get(url)], [2, set("a", "b")]);
    await w.pass(5 * minute);
    w.made.refresh();
    w.made.refresh();
    deepStrictEqual(w.waits(), [0]);
    await w.pass(0);
    deepStrictEqual([w.asked.length, w.waits()], [3, [19 * minute]]);
  });

  test("one that is down is not asked more often for that", async () => {
    const w = world();
    w.made.want([wanted(url)]);
    await w.settled();
    w.made.refresh();
    deepStrictEqual([w.asked.length, w.waits()], [1, [750]]);
  });

  test("an issuer that is down is asked with pauses that grow to a minute", async () => {
    const w = world();
    w.made.want([wanted(url)]);
    await w.settled();
    const pauses: (number | undefined)[] = [];
    for (let i = 0; i < 8; i++) {
      const [next] = w.waits();
      pauses.push(next);
      await w.pass(next ?? 0);
    }
    deepStrictEqual(pauses, [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]);
    w.internet.set(url, set("a"));
    await w.pass(minute);
    deepStrictEqual([w.keys().get(url), w.said()], [set("a"), []]);
  });
});

describe("an issuer that is down", () => {
  test("keeps its last good keys for a day, and not longer", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url)]);
    await w.settled();
    w.internet.clear();
    await w.pass(23.9 * hour);
    strictEqual(w.keys().get(url), set("a"));
    match(w.said()[0] as string, /^Warning .*; those of 1970-01-01T00:00:00Z serve until they are a day old$/);
    await w.pass(hour);
    strictEqual(w.keys().get(url), undefined);
    match(w.said()[0] as string, /^Error /);
    w.internet.set(url, set("b"));
    await w.pass(minute);
    deepStrictEqual([w.keys().get(url), w.said()], [set("b"), []]);
  });

  test("keeps them when what it answers is no key set any more", async () => {
    const w = world();
    w.internet.set(url, set("a"));
    w.made.want([wanted(url)]);
    await w.settled();
    w.internet.set(url, "<html>maintenance</html>");
    await w.pass(2 * hour);
    strictEqual(w.keys().get(url), set("a"));
  });

  test("has them over a restart, from the disk, where nobody else can read or write", async () => {
    const first = world();
    first.internet.set(url, set("a"));
    first.made.want([wanted(url)]);
    await first.settled();
    await first.made.stop();
    const folder = join(directory, first.folder);
    const [file] = readdirSync(folder).map((name) => join(folder, name));
    deepStrictEqual([statSync(folder).mode & 0o777, statSync(file as string).mode & 0o777], [0o700, 0o600]);

    const second = world(first.folder, 2 * hour);
    second.made.want([wanted(url)]);
    await second.settled();
    strictEqual(second.keys().get(url), set("a"));
    match(second.said()[0] as string, /^Warning /);

    const late = world(first.folder, 25 * hour);
    late.made.want([wanted(url)]);
    await late.settled();
    strictEqual(late.keys().get(url), undefined);
  });

  test.each([
    ["half a file", (text: string) => text.slice(0, 20)],
    ["keys of another", (text: string) => text.replace("id.example", "evil.example")],
    ["no keys", (text: string) => text.replace("RSA", "oct")],
  ])("what the disk has is judged: %s", async (_, spoil) => {
    const first = world();
    first.internet.set(url, set("a"));
    first.made.want([wanted(url)]);
    await first.settled();
    const folder = join(directory, first.folder);
    const [file] = readdirSync(folder).map((name) => join(folder, name)) as [string];
    writeFileSync(file, spoil(readFileSync(file, "utf8")));
    const second = world(first.folder, 1000);
    second.made.want([wanted(url)]);
    await second.settled();
    deepStrictEqual([...second.keys()], []);
  });
});

test("what nobody wants any more is not asked for, nor told of when it comes late", async () => {
  const w = world();
  w.internet.set(url, set("a"));
  w.made.want([wanted(url)]);
  await w.settled();
  w.made.want([wanted("https://other.example/")]);
  strictEqual(w.keys().get(url), "gone");
  w.made.want([]);
  await w.settled();
  const { length } = w.asked;
  await w.pass(hour);
  strictEqual(w.asked.length, length);
  deepStrictEqual(w.said(), []);
});
