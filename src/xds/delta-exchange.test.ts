import { expect, test } from "vitest";
import { type FakePort, newExchange, type RequestFields, request, setOf } from "./delta-client.fixture.ts";
import type { DeltaExchange } from "./delta-exchange.ts";
import { TYPE } from "./type-url.ts";

/** Short words for the type, names and removals of each response since the last look. */
function seen(port: FakePort): string[] {
  return port.responses.splice(0).map((response) => {
    const type = Object.entries(TYPE).find(([, url]) => url === response.typeUrl)?.[0] ?? response.typeUrl;
    const names = response.resources.map((resource) => resource.name).join(",");
    const gone = response.removedResources.map((name) => `-${name}`).join(",");
    lastNonce.set(`${type}`, response.nonce);
    return `${type} ${[names, gone].filter(Boolean).join(" ")}`.trim();
  });
}
const lastNonce = new Map<string, string>();

function ack(exchange: DeltaExchange, type: keyof typeof TYPE, more: Partial<RequestFields> = {}): void {
  request(exchange, { typeUrl: TYPE[type], nonce: lastNonce.get(type) as string, ...more });
}

test("nothing is answered before a configuration is known, an empty one is", () => {
  const { port, exchange } = newExchange();
  request(exchange, { typeUrl: TYPE.cluster });
  expect(seen(port)).toEqual([]);
  exchange.push(new Map());
  exchange.flush();
  expect(seen(port)).toEqual(["cluster"]);
});

test("a name that is not there is told to be removed at once, and comes when it appears", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1" })]]));
  request(exchange, { typeUrl: TYPE.cluster, subscribe: ["x"] });
  expect(seen(port)).toEqual(["cluster -x"]);
  ack(exchange, "cluster");
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1", x: "1" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["cluster x"]);
  ack(exchange, "cluster");
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["cluster -x"]);
  ack(exchange, "cluster");
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "2" }, { x: "2" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["cluster x"]);
});

test("what is on demand goes to those alone who named it, and follows its changes", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1" }, { lazy: "1" })]]));
  request(exchange, { typeUrl: TYPE.cluster, subscribe: ["*"] });
  expect(seen(port)).toEqual(["cluster a"]);
  ack(exchange, "cluster", { subscribe: ["lazy"] });
  expect(seen(port)).toEqual(["cluster lazy"]);
  ack(exchange, "cluster");
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1" }, { lazy: "2", other: "1" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["cluster lazy"]);
  ack(exchange, "cluster");
  exchange.push(new Map([[TYPE.cluster, setOf({ a: "1" }, { lazy: "2", other: "2" })]]));
  exchange.flush();
  expect(seen(port)).toEqual([]);
});

test("a push from inside the question is part of the answer", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.route, setOf({})]]));
  port.onAsked = () => exchange.push(new Map([[TYPE.route, setOf({ "80|a": "1" })]]));
  request(exchange, { typeUrl: TYPE.route, subscribe: ["80|a"] });
  expect(seen(port)).toEqual(["route 80|a"]);
});

test("routes wait until the clusters before them are warm; clusters go when no route needs them", () => {
  const { port, exchange } = newExchange();
  exchange.push(
    new Map([
      [TYPE.cluster, setOf({ a: "1" })],
      [TYPE.route, setOf({ r: "a" })],
    ]),
  );
  request(exchange, { typeUrl: TYPE.cluster });
  seen(port);
  ack(exchange, "cluster");
  request(exchange, { typeUrl: TYPE.route, subscribe: ["r"] });
  expect(seen(port)).toEqual(["route r"]);
  ack(exchange, "route");
  exchange.push(
    new Map([
      [TYPE.cluster, setOf({ b: "1" })],
      [TYPE.route, setOf({ r: "b" })],
    ]),
  );
  exchange.flush();
  expect(seen(port)).toEqual(["cluster b"]);
  ack(exchange, "cluster");
  expect(seen(port)).toEqual(["route r"]);
  ack(exchange, "route");
  expect(seen(port)).toEqual(["cluster -a"]);
  ack(exchange, "cluster");
  expect(exchange.settled()).toBe(true);
});

test("a proxy that never answers for its clusters does not wait for its routes for ever", () => {
  const { port, exchange } = newExchange();
  exchange.push(
    new Map([
      [TYPE.cluster, setOf({ a: "1" })],
      [TYPE.route, setOf({ r: "a" })],
    ]),
  );
  request(exchange, { typeUrl: TYPE.cluster });
  request(exchange, { typeUrl: TYPE.route, subscribe: ["r"] });
  expect(seen(port)).toEqual(["cluster a"]);
  port.advance(1_999);
  expect(seen(port)).toEqual([]);
  port.advance(1);
  expect(seen(port)).toEqual(["route r"]);
});

test("endpoints follow their cluster when it changes, though they did not", () => {
  const { port, exchange } = newExchange();
  const endpoints = setOf({ a: "1", "b-endpoints": "1" });
  const cluster = (text: string) => {
    const set = setOf({ a: text, b: text });
    const b = set.resources.get("b");
    return b ? { resources: new Map(set.resources).set("b", { ...b, endpoints: "b-endpoints" }) } : set;
  };
  exchange.push(
    new Map([
      [TYPE.cluster, cluster("1")],
      [TYPE.endpoint, endpoints],
    ]),
  );
  request(exchange, { typeUrl: TYPE.cluster });
  request(exchange, { typeUrl: TYPE.endpoint, subscribe: ["a", "b-endpoints"] });
  expect(seen(port)).toEqual(["cluster a,b", "endpoint a,b-endpoints"]);
  ack(exchange, "cluster");
  ack(exchange, "endpoint");
  exchange.push(
    new Map([
      [TYPE.cluster, cluster("2")],
      [TYPE.endpoint, endpoints],
    ]),
  );
  exchange.flush();
  expect(seen(port)).toEqual(["cluster a,b", "endpoint a,b-endpoints"]);
});

test("after a reconnection only what differs is sent, with the endpoints of clusters that changed", () => {
  const { port, exchange } = newExchange();
  exchange.push(
    new Map([
      [TYPE.cluster, setOf({ a: "1", b: "2", c: "1" })],
      [TYPE.endpoint, setOf({ a: "1", b: "1" })],
    ]),
  );
  request(exchange, {
    typeUrl: TYPE.cluster,
    subscribe: ["*", "c"],
    versions: { a: "v-1", b: "v-1", c: "v-1", old: "v-1" },
  });
  expect(seen(port)).toEqual(["cluster b -old"]);
  request(exchange, { typeUrl: TYPE.endpoint, subscribe: ["a", "b"], versions: { a: "v-1", b: "v-1" } });
  expect(seen(port)).toEqual(["endpoint b"]);
});

test("scopes come back with versions alone", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.scopedRoute, setOf({ s: "1", t: "2" })]]));
  request(exchange, { typeUrl: TYPE.scopedRoute, versions: { s: "v-1", t: "v-1", u: "v-1" } });
  expect(seen(port)).toEqual(["scopedRoute t -u"]);
});

test("the bad one of many is found, the good ones apply, and it is not sent again before it changes", () => {
  const { port, exchange } = newExchange();
  const texts = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`r${index}`, "1"]));
  exchange.push(new Map([[TYPE.route, setOf({ ...texts, r37: "bad" })]]));
  request(exchange, { typeUrl: TYPE.route, subscribe: Object.keys(texts) });
  const applied = new Set<string>();
  let rounds = 0;
  const answer = () => {
    for (let response = port.responses.shift(); response; response = port.responses.shift()) {
      rounds++;
      const bad = response.resources.some((resource) => resource.version === "v-bad");
      if (!bad) for (const resource of response.resources) applied.add(resource.name);
      request(exchange, { typeUrl: TYPE.route, nonce: response.nonce, ...(bad ? { error: "r37: no" } : {}) });
    }
  };
  answer();
  expect(applied.size).toBe(99);
  expect(rounds).toBeLessThan(20);
  expect(port.nacks.at(-1)).toMatchObject({
    isolated: true,
    error: "r37: no",
    resources: [{ origins: ["r37.yaml:1:1"] }],
  });
  expect(exchange.resource(TYPE.route, "r37")).toEqual({ version: "", sent: "v-bad", error: "r37: no" });
  expect(exchange.status()[0]).toMatchObject({ state: "rejected", rejected: [{ error: "r37: no" }] });
  exchange.push(new Map([[TYPE.route, setOf({ ...texts, r37: "bad", r1: "2" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["route r1"]);
  ack(exchange, "route");
  exchange.push(new Map([[TYPE.route, setOf({ ...texts, r37: "good", r1: "2" })]]));
  exchange.flush();
  expect(seen(port)).toEqual(["route r37"]);
  ack(exchange, "route");
  expect(exchange.status()[0]).toMatchObject({ state: "synced", rejected: [] });
});

test("a refused edit leaves the old version running, and says so", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.route, setOf({ r: "1" })]]));
  request(exchange, { typeUrl: TYPE.route, subscribe: ["r"] });
  seen(port);
  ack(exchange, "route");
  exchange.push(new Map([[TYPE.route, setOf({ r: "2" })]]));
  exchange.flush();
  seen(port);
  expect(exchange.resource(TYPE.route, "r")).toEqual({ version: "v-1", sent: "v-2" });
  ack(exchange, "route", { error: "no" });
  expect(exchange.resource(TYPE.route, "r")).toEqual({ version: "v-1", sent: "v-2", error: "no" });
  expect(seen(port)).toEqual([]);
});

test("one response of a type is under way; meanwhile changes melt into the newest", () => {
  const { port, exchange } = newExchange();
  exchange.push(new Map([[TYPE.route, setOf({ r: "1" })]]));
  request(exchange, { typeUrl: TYPE.route, subscribe: ["r"] });
  for (const text of ["2", "3", "4"]) {
    exchange.push(new Map([[TYPE.route, setOf({ r: text })]]));
    exchange.flush();
  }
  expect(port.responses.map((response) => response.resources[0]?.version)).toEqual(["v-1"]);
  seen(port);
  ack(exchange, "route");
  expect(port.responses.map((response) => response.resources[0]?.version)).toEqual(["v-4"]);
});

test("a stream that does not drain is sent nothing, then the newest", () => {
  const { port, exchange } = newExchange();
  port.ready = false;
  exchange.push(new Map([[TYPE.route, setOf({ r: "1" })]]));
  request(exchange, { typeUrl: TYPE.route, subscribe: ["r"] });
  exchange.push(new Map([[TYPE.route, setOf({ r: "2" })]]));
  exchange.flush();
  expect(port.responses).toEqual([]);
  port.ready = true;
  exchange.flush();
  expect(port.responses.map((response) => response.resources[0]?.version)).toEqual(["v-2"]);
});
