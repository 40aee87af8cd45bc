import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { FakePort, setOf } from "./delta-client.fixture.ts";
import type { ProxyConfig } from "./resource.ts";
import { SotwExchange } from "./sotw-exchange.ts";
import { TYPE } from "./type-url.ts";

class SotwPort extends FakePort {
  readonly whole: DiscoveryResponse[] = [];

  override write(frame: readonly Buffer[]): void {
    const bytes = Buffer.concat(frame);
    if (bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - 5) throw new Error("bad frame");
    this.whole.push(fromBinary(DiscoveryResponseSchema, bytes.subarray(5)));
  }
}

function start(config: ProxyConfig) {
  const port = new SotwPort();
  const exchange = new SotwExchange(port);
  const push = (next: ProxyConfig) => {
    exchange.push(next);
    exchange.flush();
  };
  push(config);
  /** Sends a request, as an answer to `last` if there is one. */
  const ask = (typeUrl: string, resourceNames: string[], last?: DiscoveryResponse, error?: string) => {
    const request = create(DiscoveryRequestSchema, {
      typeUrl,
      resourceNames,
      responseNonce: last?.nonce ?? "",
      versionInfo: last?.versionInfo ?? "",
      ...(error === undefined ? {} : { errorDetail: { code: 13, message: error } }),
    });
    exchange.read(toBinary(DiscoveryRequestSchema, request)).apply();
    exchange.flush();
  };
  const next = () => port.whole.shift();
  const texts = (response: DiscoveryResponse | undefined) =>
    response?.resources.map(({ value }) => Buffer.from(value).toString());
  return { port, exchange, push, ask, next, texts };
}

test("a client that names its listener gets it, then its disappearance, then its return", () => {
  const { push, ask, next, texts } = start(new Map([[TYPE.listener, setOf({ mine: "1", other: "1" })]]));
  ask(TYPE.listener, ["mine"]);
  let last = next();
  expect(texts(last)).toEqual(["1"]);
  ask(TYPE.listener, ["mine"], last);
  push(new Map([[TYPE.listener, setOf({ mine: "1", other: "2" })]]));
  expect(next()).toBeUndefined();
  push(new Map([[TYPE.listener, setOf({ other: "2" })]]));
  last = next();
  expect(texts(last)).toEqual([]);
  ask(TYPE.listener, ["mine"], last);
  push(new Map([[TYPE.listener, setOf({ mine: "3" })]]));
  expect(texts(next())).toEqual(["3"]);
});

test("a name that is added is answered, one that is dropped is forgotten, an old nonce is not heard", () => {
  const { push, ask, next, texts } = start(new Map([[TYPE.endpoint, setOf({ a: "a", b: "b" })]]));
  ask(TYPE.endpoint, ["a"]);
  const first = next();
  ask(TYPE.endpoint, ["a", "b"], first);
  const second = next();
  expect(texts(second)).toEqual(["b"]);
  ask(TYPE.endpoint, ["a", "b", "c"], first);
  expect(next()).toBeUndefined();
  ask(TYPE.endpoint, ["b"], second);
  push(new Map([[TYPE.endpoint, setOf({ a: "a2", b: "b" })]]));
  expect(next()).toBeUndefined();
  push(new Map([[TYPE.endpoint, setOf({ a: "a2", b: "b2" })]]));
  expect(texts(next())).toEqual(["b2"]);
});

test("a refused response is not sent again until something in it changes", () => {
  const { port, exchange, push, ask, next, texts } = start(new Map([[TYPE.cluster, setOf({ a: "bad", b: "1" })]]));
  ask(TYPE.cluster, []);
  ask(TYPE.cluster, [], next(), "a: no");
  expect(next()).toBeUndefined();
  expect(port.nacks).toMatchObject([{ isolated: false, error: "a: no" }]);
  expect(exchange.resource(TYPE.cluster, "a")).toMatchObject({ error: "a: no" });
  expect(exchange.status()[0]).toMatchObject({ state: "rejected" });
  push(new Map([[TYPE.cluster, setOf({ a: "good", b: "1" })]]));
  const last = next();
  expect(texts(last)).toEqual(["good", "1"]);
  ask(TYPE.cluster, [], last);
  expect(exchange.status()[0]).toMatchObject({ state: "synced", rejected: [] });
});

test("endpoints follow their cluster, and routes wait for it", () => {
  const config = (text: string) =>
    new Map([
      [TYPE.cluster, setOf({ a: text })],
      [TYPE.endpoint, setOf({ a: "1" })],
      [TYPE.route, setOf({ r: text })],
    ]);
  const { push, ask, next, texts } = start(config("1"));
  for (const [type, names] of [
    [TYPE.cluster, []],
    [TYPE.endpoint, ["a"]],
    [TYPE.route, ["r"]],
  ] as const) {
    ask(type, [...names]);
    ask(type, [...names], next());
  }
  push(config("2"));
  const clusters = next();
  expect(texts(clusters)).toEqual(["2"]);
  expect(next()?.typeUrl).toBe(TYPE.endpoint);
  expect(next()).toBeUndefined();
  ask(TYPE.cluster, [], clusters);
  expect(texts(next())).toEqual(["2"]);
});

test("what does not exist is answered with nothing, so that nobody waits", () => {
  const { ask, next, texts } = start(new Map());
  ask(TYPE.endpoint, ["a"]);
  expect(texts(next())).toEqual([]);
  ask(TYPE.cluster, []);
  expect(texts(next())).toEqual([]);
});
