import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { encodeRequest, setOf } from "./delta-client.fixture.ts";
import { DELTA, handClock, start, stopAll } from "./server.fixture.ts";
import { TYPE } from "./type-url.ts";

afterEach(stopAll);

const headers = { "content-type": "application/grpc", authorization: "Bearer good", te: "trailers" };

test("a stream that never says who it is ends", async () => {
  const hand = handClock();
  const { call } = await start({ clock: hand.clock });
  const silent = call();
  await vi.waitFor(() => expect(hand.waiting()).toEqual([30_000, 30_000]));
  hand.fire(30_000);
  hand.fire(30_000);
  expect(await silent.status()).toBe("4");
});

test("a request that does not become whole in time ends its stream", async () => {
  const hand = handClock();
  const { call } = await start({ clock: hand.clock });
  const slow = call();
  const message = encodeRequest({ typeUrl: TYPE.cluster });
  slow.delta({ typeUrl: TYPE.cluster });
  await vi.waitFor(() => expect(hand.waiting()).toEqual([30_000]));
  slow.stream.write(Buffer.from([0, 0, 0, 0, message.length, ...message.subarray(0, 3)]));
  await vi.waitFor(() => expect(hand.waiting()).toEqual([30_000, 30_000]));
  hand.fire(30_000);
  hand.fire(30_000);
  expect(await slow.status()).toBe("4");
});

test("an answer about who calls that does not come in time refuses", async () => {
  const hand = handClock();
  const { call } = await start({ clock: hand.clock, authenticate: () => new Promise(() => {}) });
  const stream = call();
  await vi.waitFor(() => expect(hand.waiting()).toContain(20_000));
  hand.fire(20_000);
  expect(await stream.status()).toBe("14");
});

test("a unary method reads nothing of a stranger's", async () => {
  const asked = vi.fn();
  const unary = new Map([["/a.B/C", asked]]);
  const { call } = await start({ unary });
  const stranger = call("/a.B/C", { authorization: "Bearer bad" });
  stranger.write(Buffer.from("secret"));
  expect(await stranger.status()).toBe("16");
  expect(asked).not.toHaveBeenCalled();
});

test("more types, names or streams than a proxy has ends the stream, and harms no other", async () => {
  const { server, call } = await start({
    open: (session) => {
      session.push(new Map([[TYPE.cluster, setOf({ a: "1" })]]));
      return undefined;
    },
  });
  const good = call();
  good.delta({ typeUrl: TYPE.cluster });
  await good.next();
  const types = call();
  for (let n = 0; n <= 40; n++) types.delta({ typeUrl: `type.googleapis.com/none.N${n}` });
  expect(await types.status()).toBe("8");
  const names = call();
  const long = Array.from({ length: 15 }, (_, n) => `${n}`.padEnd(1 << 20, "x"));
  names.delta({ typeUrl: TYPE.endpoint, subscribe: long });
  names.delta({ typeUrl: TYPE.endpoint, subscribe: long.map((name) => `${name}y`) });
  names.delta({ typeUrl: TYPE.endpoint, subscribe: long.map((name) => `${name}z`) });
  // Its last word stands behind an answer of as many names.
  await vi.waitFor(() => expect(names.closed).toBe(true), { timeout: 10_000 });
  expect(good.closed).toBe(false);
  await vi.waitFor(() => expect(server.sessions()).toHaveLength(1));
  const connection = good.stream.session as ClientHttp2Session;
  const many = Array.from({ length: 40 }, () => {
    const stream = connection.request({ ":method": "POST", ":path": DELTA, ...headers });
    stream.on("error", () => {});
    return new Promise<unknown>((resolve) => stream.on("response", (answer) => resolve(answer["grpc-status"])));
  });
  expect((await Promise.all(many)).filter((status) => status === "8")).toHaveLength(9);
});

test("a peer that answers pings stays, one that does not is cut", async () => {
  const hand = handClock();
  const { port } = await start({ clock: hand.clock });
  const alive = connect(`http://127.0.0.1:${port}`);
  await vi.waitFor(() => expect(hand.waiting()).toEqual([15_000, 30_000]));
  hand.fire(30_000);
  await vi.waitFor(() => expect(hand.waiting()).toEqual([15_000, 30_000]));
  expect(alive.closed).toBe(false);
  alive.destroy();
  await vi.waitFor(() => expect(hand.waiting()).toEqual([]));
  const dead = connectTcp(port, "127.0.0.1");
  const closed = new Promise((resolve) => dead.on("close", resolve));
  dead.resume();
  dead.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  dead.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  await vi.waitFor(() => expect(hand.waiting()).toEqual([15_000, 30_000]));
  hand.fire(30_000);
  expect(hand.waiting()).toEqual([15_000, 20_000]);
  hand.fire(20_000);
  await closed;
});
