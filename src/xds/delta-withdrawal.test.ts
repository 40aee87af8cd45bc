import { beforeEach, expect, test } from "vitest";
import { type FakePort, newExchange, request, setOf } from "./delta-client.fixture.ts";
import type { DeltaExchange } from "./delta-exchange.ts";
import { TYPE } from "./type-url.ts";

// A client that treats clusters as Envoy 1.40 does: one whose load balancer cannot be made ("bad") is refused and yet waited for, it never
// asks for its endpoints, and while any cluster is waited for no response of clusters is answered. "slow" is waited for until it is told.

let port: FakePort;
let exchange: DeltaExchange;
let active: Map<string, string>;
let waitedFor: Map<string, string>;
let answers: { nonce: string; error?: string }[];
/** Each response of clusters: names with versions, and what is removed. */
let said: string[];

beforeEach(() => {
  ({ port, exchange } = newExchange());
  [active, waitedFor, answers, said] = [new Map(), new Map(), [], []];
});

/** Reads all that was sent, and answers until nothing comes any more. */
function live(): void {
  for (let response = port.responses.shift(); response; response = port.responses.shift()) {
    const { typeUrl, nonce } = response;
    if (typeUrl !== TYPE.cluster) request(exchange, { typeUrl, nonce });
    else clusters(nonce, response.resources, response.removedResources);
    for (const answer of waitedFor.size > 0 ? [] : answers.splice(0))
      request(exchange, { typeUrl: TYPE.cluster, ...answer });
  }
}

function clusters(
  nonce: string,
  resources: readonly { name: string; version: string }[],
  removed: readonly string[],
): void {
  said.push([...resources.map((r) => `${r.name}=${r.version}`), ...removed.map((name) => `-${name}`)].join(" "));
  const refused: string[] = [];
  let counted = false;
  for (const { name, version } of resources) {
    if ((waitedFor.get(name) ?? active.get(name)) === version) continue;
    const bad = version.startsWith("v-bad");
    if (bad || version === "v-slow") waitedFor.set(name, version);
    else {
      waitedFor.delete(name);
      active.set(name, version);
    }
    if (bad) refused.push(`${name}: no ring`);
    else {
      counted = true;
      request(exchange, { typeUrl: TYPE.endpoint, subscribe: [name] });
    }
  }
  for (const name of removed) if ([waitedFor.delete(name), active.delete(name)].includes(true)) counted = true;
  const answer = {
    nonce,
    ...(refused.length > 0 ? { error: `Error adding/updating cluster(s) ${refused.join(", ")}` } : {}),
  };
  // It looks whether it is waiting only when it counts, and a refusal skips that.
  if (counted || answers.length > 0) answers.push(answer);
  else request(exchange, { typeUrl: TYPE.cluster, ...answer });
}

function push(texts: Record<string, string>): void {
  const endpoints = Object.fromEntries(Object.keys(texts).map((name) => [name, "1"]));
  exchange.push(
    new Map([
      [TYPE.cluster, setOf(texts)],
      [TYPE.endpoint, setOf(endpoints)],
    ]),
  );
  exchange.flush();
  live();
}

function wait(seconds: number): void {
  for (let passed = 0; passed < seconds; passed++) {
    port.advance(1_000);
    live();
  }
}

const start = () => {
  request(exchange, { typeUrl: TYPE.cluster });
  live();
  said = [];
};
const rejected = () => exchange.status()[0]?.rejected.map(({ resource, running }) => [resource.name, running]);

test("a new bad cluster beside good ones is withdrawn, found and told; the good ones stay", () => {
  push({ a: "1" });
  start();
  push({ a: "1", b: "bad", c: "1", d: "1" });
  expect(exchange.settled()).toBe(false);
  wait(10);
  expect(said).toEqual(["b=v-bad c=v-1 d=v-1", "-b", "-b", "c=v-1 d=v-1", "b=v-bad", "-b"]);
  expect(exchange.settled()).toBe(true);
  expect(rejected()).toEqual([["b", ""]]);
  expect(Object.fromEntries(active)).toEqual({ a: "v-1", c: "v-1", d: "v-1" });
  said = [];
  push({ a: "1", b: "bad", c: "2", d: "1" });
  expect(said).toEqual(["c=v-2"]);
  expect(exchange.settled()).toBe(true);
});

test("an edit that is refused beside a good one goes back to what ran before, also after a second bad edit", () => {
  push({ a: "1", b: "1" });
  start();
  push({ a: "2", b: "bad" });
  wait(10);
  expect(rejected()).toEqual([["b", "v-1"]]);
  push({ a: "3", b: "bad2" });
  wait(10);
  expect(exchange.settled()).toBe(true);
  expect(rejected()).toEqual([["b", "v-1"]]);
  expect(Object.fromEntries(active)).toEqual({ a: "v-3", b: "v-1" });
  expect(waitedFor.size).toBe(0);
  push({ a: "3", b: "2" });
  expect(Object.fromEntries(active)).toEqual({ a: "v-3", b: "v-2" });
  expect(rejected()).toEqual([]);
});

test("two bad clusters in the first response of all are found, and the next update is answered at once", () => {
  push({ a: "1", b: "bad", c: "bad", d: "1" });
  start();
  wait(15);
  expect(rejected()?.sort()).toEqual([
    ["b", ""],
    ["c", ""],
  ]);
  push({ a: "2", b: "bad", c: "bad", d: "1" });
  expect(exchange.settled()).toBe(true);
  expect(active.get("a")).toBe("v-2");
});

test("a new cluster that asked for its endpoints is only slow: it is not withdrawn", () => {
  push({ a: "1" });
  start();
  push({ a: "1", b: "slow" });
  wait(60);
  expect(said).toEqual(["b=v-slow"]);
});

test("an edit that is only slow goes back once, comes again, and is then waited for", () => {
  push({ a: "1" });
  start();
  push({ a: "slow" });
  wait(60);
  expect(said).toEqual(["a=v-slow", "a=v-1", "a=v-slow"]);
});

test("a cluster that runs in a version from before the connection is never removed", () => {
  active = new Map([
    ["a", "v-0"],
    ["b", "v-0"],
  ]);
  push({ a: "1", b: "bad" });
  request(exchange, { typeUrl: TYPE.endpoint, subscribe: ["a", "b"] });
  request(exchange, { typeUrl: TYPE.cluster, subscribe: ["*"], versions: { a: "v-0", b: "v-0" } });
  live();
  wait(30);
  expect(active.get("a")).toBe("v-1");
  expect(active.get("b")).toBe("v-0");
});
