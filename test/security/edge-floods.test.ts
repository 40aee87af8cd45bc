import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { field, flags, frame, settings } from "./frames.ts";
import { attacker, block, id, request, times } from "./http2-attack.ts";
import { exchange, get, open, statuses, type Target } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// Clients that want to use a proxy up: its memory stays bounded and others are served meanwhile, at a gateway and at a workload.

const mebibyte = 2 ** 20;
const port = 8080;
let gateway: GatewayBed;
let workload: WorkloadBed;
let server: Server;

const big = Buffer.alloc(mebibyte, 97);
const answer: RequestListener = (incoming, response) => {
  incoming.on("error", () => {}).resume();
  response.end(incoming.url === "/big" ? big : "ok");
};

beforeAll(async () => {
  gateway = await gatewayBed([], answer);
  await gateway.take(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]}]}`);
  workload = await workloadBed(2, { maxHeapBytes: 200 * mebibyte });
  server = createServer(answer).listen(port, workload.applications);
  await once(server, "listening");
  await workload.take([port], "");
});
afterAll(async () => {
  server?.close();
  await gateway?.stop();
  await workload?.stop();
});

const byte = (n: number) => Buffer.from([n]);
const word = (n: number) => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const cancelled = (n: number) => Buffer.concat([request(n, "/"), frame("reset", id(n), word(8))]);
const entry = field("x", "v".repeat(4000), true);
const crumb = field("cookie", `c=${"v".repeat(3900)}`, true);
/** Many times the newest entry of the table, a byte each. */
const references = Buffer.alloc(8000, 0xbe);
const cut = (n: number, bytes: Buffer) => [
  frame("headers", id(n), bytes.subarray(0, 16_000), flags.endStream),
  ...Array.from({ length: Math.ceil(bytes.length / 16_000) - 1 }, (_, i) =>
    frame("continuation", id(n), bytes.subarray(16_000 * (i + 1), 16_000 * (i + 2)), 0),
  ),
  frame("continuation", id(n), Buffer.alloc(0), flags.endHeaders),
];

/** Floods of which the connection ends; `deaf`: the client reads nothing. */
const ended: Readonly<Record<string, { readonly frames: () => Iterable<Buffer>; readonly deaf?: true }>> = {
  "requests taken back at once": { frames: () => times(50_000, cancelled) },
  "a header block that never ends": {
    frames: () =>
      times(50_000, (n) =>
        n === 0 ? frame("headers", 1, block("/")) : frame("continuation", 1, field(`x${n}`, "y".repeat(1000))),
      ),
  },
  "settings, and deaf for the answers": { frames: () => times(50_000, () => settings([4, 65_535])), deaf: true },
  "pings, and deaf for the answers": {
    frames: () => times(50_000, () => frame("ping", 0, Buffer.alloc(8))),
    deaf: true,
  },
  "empty frames of data": {
    frames: () =>
      times(50_000, (n) =>
        n === 0 ? frame("headers", 1, block("/"), flags.endHeaders) : frame("data", 1, Buffer.alloc(0)),
      ),
  },
  "priorities of streams that are not there": {
    frames: () => times(100_000, (n) => frame("priority", id(n % 5000), Buffer.concat([word(0), byte(1)]))),
  },
  "a window that opens byte by byte": {
    frames: () => times(100_000, (n) => (n === 0 ? request(0, "/") : frame("window", 0, word(1)))),
  },
};

describe.each(["gateway", "workload"] as const)("at a %s", (where) => {
  const bed = () => (where === "gateway" ? gateway : workload);
  const target = () => ({ host: bed().ip, port });

  async function othersAreServed(): Promise<void> {
    for (let i = 0; i < 5; i++) deepStrictEqual(statuses(await exchange(target(), get("/"))), [200]);
  }

  test.each(Object.entries(ended))("%s: the connection ends", async (_, { frames, deaf }) => {
    const before = bed().envoy.peak();
    const client = attacker(target(), deaf === true ? { deaf } : {});
    const done = client.flood(frames());
    await othersAreServed();
    await done;
    client.socket.resume();
    await client.closed;
    expect(bed().envoy.peak() - before).toBeLessThan(64 * mebibyte);
  });

  /** What is refused stream by stream, or waits. */
  const borne: Readonly<Record<string, () => Iterable<Buffer>>> = {
    "small header blocks that unpack to megabytes": () => times(2000, (n) => request(n, "/", entry, references)),
    "cookies that unpack to megabytes": () => times(2000, (n) => request(n, "/", crumb, references)),
    "header blocks of a megabyte": () =>
      times(5, (n) => Buffer.concat(cut(n, Buffer.concat(Array(256).fill(entry) as Buffer[])))),
  };

  test.each(Object.entries(borne))("%s: memory is bounded", async (_, frames) => {
    const before = bed().envoy.peak();
    const clients = Array.from({ length: 10 }, () => attacker(target()));
    const done = Promise.all(clients.map((client) => client.flood(frames())));
    // A proxy may stop to listen to them.
    for (let i = 0; i < 20; i++) await Promise.race([done, othersAreServed()]);
    await othersAreServed();
    expect(bed().envoy.peak() - before).toBeLessThan(160 * mebibyte);
    for (const client of clients) client.socket.destroy();
  });

  test("a thousand clients that never finish their headers: others are served", async () => {
    const before = bed().envoy.peak();
    const slow = Array.from({ length: 1000 }, () => open(target()).on("error", () => {}));
    for (const socket of slow) socket.write("GET / HTTP/1.1\r\nHost: app\r\nX-Slow: ");
    await othersAreServed();
    for (const socket of slow) socket.write("x".repeat(20_000));
    await othersAreServed();
    expect(bed().envoy.peak() - before).toBeLessThan(96 * mebibyte);
    for (const socket of slow) socket.destroy();
  });
});

/** Clients that ask for a mebibyte on each of a hundred streams, and take nothing of it. */
async function greedy(target: Target, count: number): Promise<() => void> {
  const clients = Array.from({ length: count }, () => attacker(target, { first: settings([4, 0]) }));
  await Promise.all(clients.map((client) => client.flood(times(100, (n) => request(n, "/big")))));
  return () => {
    for (const client of clients) client.socket.destroy();
  };
}

const status = (target: Target) => exchange(target, get("/")).then(statuses);

test("a gateway keeps a part of what nobody takes, and leaves the rest at the service", async () => {
  const target = { host: gateway.ip, port };
  const before = gateway.envoy.peak();
  const leave = await greedy(target, 20);
  await expect.poll(() => status(target), { timeout: 60_000 }).toEqual([200]);
  // Two gibibytes are asked for.
  expect(gateway.envoy.peak() - before).toBeLessThan(400 * mebibyte);
  leave();
});

test("a workload's proxy that has too much lets go of those that hold most, and serves others while they stay", async () => {
  const target = { host: workload.ip, port };
  const leave = await greedy(target, 5);
  const held = async () => {
    const stats = await workload.envoy.admin("/stats?filter=inbound.*downstream_rq_active");
    return [...stats.matchAll(/: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  await expect.poll(held, { timeout: 60_000 }).toBeLessThan(450);
  await expect.poll(() => status(target), { timeout: 60_000 }).toEqual([200]);
  leave();
});
