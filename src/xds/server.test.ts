import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test, vi } from "vitest";
import {
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { encodeRequest, resource, setOf } from "./delta-client.fixture.ts";
import type { ProxyConfig } from "./resource.ts";
import { clock, DELTA, log, SOTW, start, stopAll } from "./server.fixture.ts";
import { createXdsServer, type StreamRequest } from "./server.ts";
import type { Nack, Session } from "./session.ts";
import { TYPE } from "./type-url.ts";

afterEach(stopAll);

function pushAll(config: ProxyConfig) {
  return (session: Session<string>) => {
    session.push(config);
    return undefined;
  };
}

test("a stream gets what it asked for, and its answers arrive", async () => {
  const onAck = vi.fn();
  const { server, call } = await start({ open: pushAll(new Map([[TYPE.cluster, setOf({ a: "1", b: "2" })]])), onAck });
  const stream = call();
  stream.delta({ typeUrl: TYPE.cluster });
  const response = await stream.next();
  expect(response.resources.map(({ name, version, resource }) => [name, version, resource?.typeUrl])).toEqual([
    ["a", "v-1", TYPE.cluster],
    ["b", "v-2", TYPE.cluster],
  ]);
  expect(Buffer.from(response.resources[1]?.resource?.value as Uint8Array).toString()).toBe("2");
  expect(response.controlPlane?.identifier).toBe("weft");
  stream.delta({ typeUrl: TYPE.cluster, nonce: response.nonce });
  await vi.waitFor(() => expect(onAck).toHaveBeenCalledTimes(1));
  const [session] = server.sessions();
  expect(session?.node.id).toBe("node");
  expect(session?.settled).toBe(true);
  expect(session?.status()).toMatchObject([{ typeUrl: TYPE.cluster, wildcard: true, state: "synced" }]);
});

test("without a valid token nothing is read, and the reason is told", async () => {
  const onOpen = vi.fn();
  const { call } = await start({ open: onOpen });
  const stream = call(DELTA, { authorization: "Bearer bad" });
  stream.delta({ typeUrl: TYPE.cluster });
  expect(await stream.status()).toBe("16");
  expect(stream.headers["grpc-message"]).toBe("no token; 100 %25 needed");
  expect(onOpen).not.toHaveBeenCalled();
});

test("an authenticator that fails refuses, and says no more than it should", async () => {
  const { call } = await start({ authenticate: () => Promise.reject(new Error("secret detail")) });
  const stream = call();
  expect(await stream.status()).toBe("14");
  expect(stream.headers["grpc-message"]).not.toContain("secret");
});

test("an identity that does not match its node is refused, and does not count as connected", async () => {
  const onClose = vi.fn();
  const refusal = { status: 7, message: "token is of reviews, node says ratings" };
  const { server, call } = await start({ open: () => refusal, onClose });
  const stream = call();
  stream.delta({ typeUrl: TYPE.cluster });
  expect(await stream.status()).toBe("7");
  expect(server.sessions()).toEqual([]);
  expect(onClose).not.toHaveBeenCalled();
});

test.each([
  ["compressed", Buffer.from([1, 0, 0, 0, 0]), "12"],
  ["not gRPC", Buffer.from([7, 0, 0, 0, 0]), "13"],
  ["too long", Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), "8"],
  ["not protobuf", Buffer.from([0, 0, 0, 0, 3, 0xff, 0xff, 0xff]), "3"],
  ["without a node", Buffer.from([0, 0, 0, 0, 0]), "3"],
])("a request that is %s ends its own stream alone", async (_, bytes, status) => {
  const { server, call } = await start({ open: pushAll(new Map([[TYPE.cluster, setOf({ a: "1" })]])) });
  const good = call();
  good.delta({ typeUrl: TYPE.cluster });
  await good.next();
  const bad = call();
  bad.stream.write(bytes);
  expect(await bad.status()).toBe(status);
  expect(server.sessions()).toHaveLength(1);
  expect(good.closed).toBe(false);
});

test("other methods are unimplemented, other requests are not gRPC", async () => {
  const { call } = await start();
  expect(await call("/nothing.Here/Do").status()).toBe("12");
  const plain = call(DELTA, { "content-type": "text/plain" });
  await vi.waitFor(() => expect(plain.headers[":status"]).toBe(415));
});

test("a request that comes byte by byte is one request", async () => {
  const { call } = await start({ open: pushAll(new Map([[TYPE.cluster, setOf({ a: "1" })]])) });
  const stream = call();
  const message = encodeRequest({ typeUrl: TYPE.cluster });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  for (const byte of Buffer.concat([prefix, message])) {
    await new Promise((resolve) => stream.stream.write(Buffer.from([byte]), resolve));
  }
  expect((await stream.next()).resources).toHaveLength(1);
});

test("a slow reader holds one response, whatever is pushed meanwhile, then gets the newest", async () => {
  const body = Buffer.alloc(4 << 20, 1);
  const big = (version: string): ProxyConfig =>
    new Map([[TYPE.cluster, { resources: new Map([["a", { ...resource("a", version), body }]]) }]]);
  const { server, call } = await start({ open: pushAll(big("0")) });
  const stream = call();
  stream.stream.pause();
  stream.delta({ typeUrl: TYPE.cluster });
  await vi.waitFor(() => expect(server.sessions()[0]?.status()[0]?.lastSentAt).toBeDefined());
  for (let round = 1; round <= 50; round++) server.sessions()[0]?.push(big(String(round)));
  stream.stream.resume();
  const first = await stream.next();
  expect(first.resources[0]?.version).toBe("v-0");
  stream.delta({ typeUrl: TYPE.cluster, nonce: first.nonce });
  const second = await stream.next();
  expect(second.resources[0]?.version).toBe("v-50");
});

test("a refused resource is told with where it came from", async () => {
  const nacks: Nack[] = [];
  const config = new Map([[TYPE.cluster, setOf({ a: "1" })]]);
  const { call } = await start({ open: pushAll(config), onNack: (_, nack) => nacks.push(nack) });
  const stream = call();
  stream.delta({ typeUrl: TYPE.cluster });
  const { nonce } = await stream.next();
  stream.delta({ typeUrl: TYPE.cluster, nonce, error: "no such filter" });
  await vi.waitFor(() => expect(nacks).toHaveLength(1));
  expect(nacks[0]).toMatchObject({ isolated: true, error: "no such filter", resources: [{ origins: ["a.yaml:1:1"] }] });
});

test("closing tells every proxy, and frees the port", async () => {
  const onClose = vi.fn();
  const { server, port, call } = await start({ onClose });
  const stream = call();
  stream.delta({ typeUrl: TYPE.cluster });
  await vi.waitFor(() => expect(server.sessions()).toHaveLength(1));
  await server.close();
  expect(await stream.status()).toBe("14");
  expect(onClose).toHaveBeenCalledTimes(1);
  const again = createXdsServer<string>({
    clock,
    log,
    authenticate: () => Promise.reject(new Error()),
    open: () => undefined,
  });
  await again.listen({ host: "127.0.0.1", port });
  await expect(server.listen({ host: "127.0.0.1", port })).rejects.toThrow(/the port is taken; stop the program/);
  await again.close();
});

test("state of the world: everything at first, the changed routes later, the newest clusters whole", async () => {
  const config = (text: string): ProxyConfig =>
    new Map([
      [TYPE.cluster, setOf({ a: text, b: "1" })],
      [TYPE.route, setOf({ r: text, s: "1" })],
    ]);
  const { server, call } = await start({ open: pushAll(config("1")) });
  const stream = call(SOTW);
  const send = (typeUrl: string, resourceNames: string[], last?: DiscoveryResponse) => {
    const { nonce: responseNonce = "", versionInfo = "" } = last ?? {};
    const request = create(DiscoveryRequestSchema, {
      node: { id: "n" },
      typeUrl,
      resourceNames,
      responseNonce,
      versionInfo,
    });
    stream.write(toBinary(DiscoveryRequestSchema, request));
  };
  const next = async () => {
    await vi.waitFor(() => expect(stream.messages.length).toBeGreaterThan(0));
    return fromBinary(DiscoveryResponseSchema, stream.messages.shift() as Buffer);
  };
  const texts = (response: DiscoveryResponse) => response.resources.map(({ value }) => Buffer.from(value).toString());
  send(TYPE.cluster, []);
  const clusters = await next();
  expect(texts(clusters)).toEqual(["1", "1"]);
  send(TYPE.cluster, [], clusters);
  send(TYPE.route, ["r", "s"]);
  const routes = await next();
  expect(texts(routes)).toEqual(["1", "1"]);
  send(TYPE.route, ["r", "s"], routes);
  await vi.waitFor(() => expect(server.sessions()[0]?.settled).toBe(true));
  server.sessions()[0]?.push(config("2"));
  const second = await next();
  expect([second.typeUrl, texts(second)]).toEqual([TYPE.cluster, ["2", "1"]]);
  expect(second.versionInfo).not.toBe(clusters.versionInfo);
  send(TYPE.cluster, [], second);
  const third = await next();
  expect([third.typeUrl, texts(third)]).toEqual([TYPE.route, ["2"]]);
});

test("a unary method beside it: one answer, a refusal, or a fault that is not told", async () => {
  const unary = new Map([
    [
      "/test.Test/Echo",
      async (message: Uint8Array, { headers }: StreamRequest) => {
        const text = Buffer.from(message).toString();
        if (text === "break") throw new Error("secret detail");
        return text === "no" ? { status: 3, message: "not this" } : Buffer.from(`${headers["x-me"]} ${text}`);
      },
    ],
  ]);
  const { call } = await start({ unary });
  const ask = async (text: string) => {
    const stream = call("/test.Test/Echo", { "x-me": "I" });
    stream.write(Buffer.from(text));
    const status = await stream.status();
    return [status, stream.messages[0]?.toString() ?? stream.trailers["grpc-message"]];
  };
  expect(await ask("hello")).toEqual(["0", "I hello"]);
  expect(await ask("no")).toEqual(["3", "not this"]);
  expect(await ask("break")).toEqual(["13", "the control plane failed on this call; its log says why"]);
});
