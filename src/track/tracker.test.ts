import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty, type Snapshot } from "../model/snapshot.ts";
import { listAll, type Step } from "./scope.ts";
import { Tracker } from "./tracker.ts";

const origin = {
  file: "t.yaml",
  line: 1,
  column: 1,
  at: "t.yaml:1:1",
  locate: () => ({ file: "t.yaml", line: 1, column: 1 }),
};

function resource(namespace: string, name: string, spec: unknown, type = "A"): Resource {
  return Object.freeze({
    type,
    namespace,
    name,
    apiVersion: "v1",
    labels: {},
    annotations: {},
    createdAt: 0,
    generation: 1,
    spec,
    origin,
  });
}

const put = (s: Snapshot, r: Resource) => apply(s, [{ put: r }]);

const sums: Step<number> = {
  name: "sums",
  run: (scope, ns) => scope.list<number>("A", ns).reduce((n, r) => n + r.spec, 0),
};
const total: Step<{ total: number }> = {
  name: "total",
  run: (scope) => ({ total: scope.namespaces("A").reduce((n, ns) => n + scope.ask(sums, ns), 0) }),
};
const one: Step<unknown> = { name: "one", run: (scope, name) => scope.get({ type: "A", namespace: "x", name })?.spec };

test("an unrelated edit runs nothing, a related one what reads it", () => {
  let s = put(put(empty, resource("x", "a", 1)), resource("y", "a", 2));
  const tracker = new Tracker(s);
  const before = tracker.ask(total, "");
  deepStrictEqual(before, { total: 3 });
  const runs = tracker.runs;
  s = put(s, resource("x", "b", 9, "B"));
  tracker.advance(s);
  strictEqual(tracker.ask(total, ""), before);
  strictEqual(tracker.runs, runs);
  tracker.advance(put(s, resource("y", "a", 5)));
  deepStrictEqual(tracker.ask(total, ""), { total: 6 });
  strictEqual(tracker.runs, runs + 2);
});

test("an equal answer stops the wave and keeps its reference", () => {
  let s = put(put(empty, resource("x", "a", 1)), resource("x", "b", 2));
  const tracker = new Tracker(s);
  const before = tracker.ask(total, "");
  const runs = tracker.runs;
  s = apply(s, [{ put: resource("x", "a", 2) }, { put: resource("x", "b", 1) }]);
  tracker.advance(s);
  strictEqual(tracker.ask(total, ""), before);
  strictEqual(tracker.runs, runs + 1);
});

test("one object is read apart from its neighbours", () => {
  const s = put(put(empty, resource("x", "a", 1)), resource("x", "b", 2));
  const tracker = new Tracker(s);
  tracker.ask(one, "a");
  const runs = tracker.runs;
  tracker.advance(put(s, resource("x", "b", 7)));
  strictEqual(tracker.ask(one, "a"), 1);
  strictEqual(tracker.runs, runs);
});

test("what is released is dropped, with all that only it had read", () => {
  const s = put(put(empty, resource("x", "a", 1)), resource("y", "a", 2));
  const tracker = new Tracker(s);
  tracker.ask(total, "");
  tracker.ask(sums, "x");
  strictEqual(tracker.size, 3);
  tracker.release(total, "");
  strictEqual(tracker.size, 1);
  tracker.release(sums, "x");
  strictEqual(tracker.size, 0);
});

test("a step that asks for itself is a bug, told", () => {
  const loop: Step<number> = { name: "loop", run: (scope, key) => scope.ask(loop, key) };
  throws(() => new Tracker(empty).ask(loop, "a"), /asks for itself/);
});

test("a step that throws is asked again", () => {
  let fail = true;
  const step: Step<number> = {
    name: "fragile",
    run: (scope) => {
      const n = listAll(scope, "A").length;
      if (fail) throw new Error("no");
      return n;
    },
  };
  const tracker = new Tracker(empty);
  throws(() => tracker.ask(step, ""));
  fail = false;
  strictEqual(tracker.ask(step, ""), 0);
  tracker.advance(put(empty, resource("x", "a", 1)));
  strictEqual(tracker.ask(step, ""), 1);
});

test("incremental equals from scratch over 5,000 random edits", () => {
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % n;
  };
  const pick: Step<unknown> = {
    name: "pick",
    run: (scope, key) => {
      const n = scope.ask(sums, key);
      return n % 2 === 0
        ? scope.ask(total, "")
        : { own: n, b: scope.get({ type: "A", namespace: key, name: "b" })?.spec };
    },
  };
  let s = empty;
  const tracker = new Tracker(s);
  for (let i = 0; i < 5000; i++) {
    const ref = { type: "A", namespace: "xyz"[random(3)] as string, name: "abc"[random(3)] as string };
    s = random(4) === 0 ? apply(s, [{ remove: ref }]) : put(s, resource(ref.namespace, ref.name, random(3)));
    tracker.advance(s);
    if (random(3) === 0) tracker.release(pick, "x");
    const scratch = new Tracker(s);
    for (const ns of ["x", "y", "z"]) deepStrictEqual(tracker.ask(pick, ns), scratch.ask(pick, ns));
  }
});

test("a step that answers early lets nobody look again when its answer is equal, and all when it is another", () => {
  let s = put(put(empty, resource("x", "a", 1)), resource("x", "b", 2));
  const parity: Step<number> = { name: "parity", run: (scope, ns) => scope.ask(sums, ns) % 2, early: true };
  const named: Step<string> = { name: "named", run: (scope, ns) => `${scope.ask(parity, ns)}`, early: true };
  let looked = 0;
  const reader: Step<string> = {
    name: "reader",
    run: (scope, ns) => `${scope.ask(parity, ns)} ${scope.ask(named, ns)}`,
    same: (a, b) => {
      looked++;
      return a === b;
    },
  };
  const tracker = new Tracker(s);
  strictEqual(tracker.ask(reader, "x"), "1 1");
  s = put(s, resource("x", "a", 3));
  tracker.advance(s);
  const runs = tracker.runs;
  strictEqual(tracker.ask(reader, "x"), "1 1");
  deepStrictEqual([tracker.runs, looked], [runs, 0]);
  tracker.advance(put(s, resource("x", "a", 4)));
  strictEqual(tracker.ask(reader, "x"), "0 0");
});

test("a step that answers early and throws tells who asks", () => {
  const s = put(empty, resource("x", "a", 1));
  const picky: Step<number> = {
    name: "picky",
    run: (scope, ns) => {
      if (scope.ask(sums, ns) > 1) throw new Error("too much");
      return 1;
    },
    early: true,
  };
  const reader: Step<number> = { name: "picky/reader", run: (scope, ns) => scope.ask(picky, ns) };
  const tracker = new Tracker(s);
  strictEqual(tracker.ask(reader, "x"), 1);
  const more = put(s, resource("x", "a", 2));
  tracker.advance(more);
  throws(() => tracker.ask(reader, "x"), /too much/);
  tracker.advance(put(more, resource("x", "a", 1)));
  strictEqual(tracker.ask(reader, "x"), 1);
});

test("names are read without what the objects say", () => {
  let s = put(empty, resource("x", "b", 1));
  const names: Step<string> = { name: "names", run: (scope) => scope.names("A", "x").join() };
  const tracker = new Tracker(s);
  strictEqual(tracker.ask(names, ""), "b");
  const runs = tracker.runs;
  s = put(s, resource("x", "b", 2));
  tracker.advance(s);
  strictEqual(tracker.ask(names, ""), "b");
  strictEqual(tracker.runs, runs);
  s = put(s, resource("x", "a", 2));
  tracker.advance(s);
  strictEqual(tracker.ask(names, ""), "a,b");
  tracker.advance(apply(s, [{ remove: { type: "A", namespace: "x", name: "b" } }]));
  strictEqual(tracker.ask(names, ""), "a");
});

test("a step that answers early wakes its readers, though another early one asked for it first", () => {
  const first: Step<number> = { name: "first", run: (scope, ns) => scope.ask(sums, ns), early: true };
  const second: Step<number> = {
    name: "second",
    run: (scope, ns) => scope.list<number>("A", ns).length + scope.ask(first, ns),
    early: true,
  };
  const third: Step<number> = {
    name: "third",
    run: (scope, ns) => scope.list<number>("A", ns).length - scope.ask(first, ns),
    early: true,
  };
  const reader: Step<string> = { name: "reader", run: (scope, ns) => `reads ${scope.ask(first, ns)}` };
  const all: Step<unknown> = {
    name: "all",
    run: (scope, ns) => [scope.ask(third, ns), scope.ask(reader, ns), scope.ask(second, ns)],
  };
  const start = put(empty, resource("n", "a", 1));
  const tracker = new Tracker(start);
  deepStrictEqual(tracker.ask(all, "n"), [0, "reads 1", 2]);
  tracker.advance(put(start, resource("n", "a", 5)));
  deepStrictEqual(tracker.ask(all, "n"), [-4, "reads 5", 6]);
});
