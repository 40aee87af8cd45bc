import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeRequest } from "../../src/xds/delta-client.fixture.ts";
import { DELTA } from "../../src/xds/server.fixture.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { call, field, flags, frame, preface, settings } from "./frames.ts";

const mebibyte = 2 ** 20;
let server: ChildProcess;
let port: number;

beforeAll(async () => {
  server = fork(join(import.meta.dirname, "xds-process.ts"), { execArgv: ["--expose-gc"] });
  [{ port }] = (await once(server, "message")) as [{ port: number }];
});
afterAll(() => server.disconnect());

/** Resident memory of the server once it has collected its garbage. */
async function memory(): Promise<number> {
  server.send("look");
  const [{ rss }] = (await once(server, "message")) as [{ rss: number }];
  return rss;
}

/** A proxy that comes meanwhile and is served. */
async function served(): Promise<number> {
  const connection = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    const headers = { "content-type": "application/grpc", authorization: "Bearer good", te: "trailers" };
    const stream = connection.request({ ":method": "POST", ":path": DELTA, ...headers });
    const message = encodeRequest({ typeUrl: TYPE.cluster });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([prefix, message]));
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      if (bytes > mebibyte) break;
    }
    return bytes;
  } finally {
    connection.destroy();
  }
}

/** A client that has said hello, and when its connection ended. */
function attacker(...hello: readonly Buffer[]): { socket: Socket; closed: Promise<void> } {
  const socket = connect(port, "127.0.0.1");
  socket.resume();
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(Buffer.concat([preface, ...(hello.length > 0 ? hello : [settings()])]));
  return { socket, closed };
}

/** Writes `frames` until they are all written or the server has had enough. */
async function flood({ socket, closed }: ReturnType<typeof attacker>, frames: Iterable<Buffer>): Promise<void> {
  let count = 0;
  for (const bytes of frames) {
    if (socket.destroyed) return;
    const full = !socket.write(bytes);
    // What is written and what is heard take turns.
    if (count++ % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (full) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
  }
}

function* times(count: number, make: (n: number) => Buffer): Generator<Buffer> {
  for (let n = 0; n < count; n++) yield make(n);
}

const id = (n: number) => 2 * n + 1;
const opened = (n: number, token?: string) => frame("headers", id(n), call(DELTA, token), flags.endHeaders);
const taken = (n: number, token: string) =>
  Buffer.concat([opened(n, token), frame("reset", id(n), Buffer.from([0, 0, 0, 8]))]);
const entry = field("x", "v".repeat(4000), true);
const references = Buffer.alloc(2000, 0xbe);

/** Floods that a client without a good reason alone sends: the connection ends. */
const ended: Readonly<Record<string, Iterable<Buffer>>> = {
  "streams opened and taken back, of nobody": times(50_000, (n) => taken(n, "bad")),
  "streams opened and taken back, of somebody known": times(50_000, (n) => taken(n, "good")),
  "a header block that never ends": times(50_000, (n) =>
    n === 0 ? frame("headers", 1, call(DELTA)) : frame("continuation", 1, field(`x${n}`, "y".repeat(1000))),
  ),
  "settings without end": times(200_000, () => settings([4, 65_535])),
  "pings without end": times(200_000, () => frame("ping", 0, Buffer.alloc(8))),
  "empty frames of data": times(50_000, (n) => (n === 0 ? opened(0, "slow") : frame("data", 1, Buffer.alloc(0)))),
  "priorities of streams that are not there": times(100_000, (n) =>
    frame("priority", id(n % 5000), Buffer.from([0, 0, 0, 0, 1])),
  ),
  "calls of nobody, one after the other": times(50_000, (n) =>
    frame("headers", id(n), call(DELTA), flags.endHeaders | flags.endStream),
  ),
  "calls of methods that are not there": times(50_000, (n) =>
    frame("headers", id(n), call(`/none/${n}`, "good"), flags.endHeaders | flags.endStream),
  ),
};

test.each(Object.entries(ended))("%s: the connection ends, memory is bounded, others are served", async (_, frames) => {
  const before = await memory();
  const client = attacker();
  const done = flood(client, frames);
  expect(await served()).toBeGreaterThan(mebibyte);
  await done;
  await client.closed;
  expect((await memory()) - before).toBeLessThan(96 * mebibyte);
});

/** What a client may do, and what must stay small. */
const borne: Readonly<Record<string, Iterable<Buffer>>> = {
  "a small header block that unpacks to megabytes": times(1000, (n) =>
    frame("headers", id(n), Buffer.concat([call(DELTA), entry, references]), flags.endHeaders),
  ),
  "bodies on every stream while nobody is recognised yet": times(256 * 5, (n) =>
    n % 5 === 0 ? opened(n / 5, "slow") : frame("data", id(Math.floor(n / 5)), Buffer.alloc(16_000)),
  ),
  "a window that opens byte by byte": times(20_000, (n) =>
    n === 0 ? opened(0, "slow") : frame("window", 1, Buffer.from([0, 0, 0, 1])),
  ),
};

test.each(Object.entries(borne))("%s: memory is bounded, others are served", async (_, frames) => {
  const before = await memory();
  const client = attacker();
  await flood(client, frames);
  expect(await served()).toBeGreaterThan(mebibyte);
  expect((await memory()) - before).toBeLessThan(96 * mebibyte);
  client.socket.destroy();
});

test("clients that ask and never read: each holds one answer, others are served", async () => {
  const before = await memory();
  const message = encodeRequest({ typeUrl: TYPE.cluster });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const asked = frame("data", 1, Buffer.concat([prefix, message]));
  const clients = Array.from({ length: 40 }, () => attacker(settings([4, 0]), opened(0, "good"), asked));
  expect(await served()).toBeGreaterThan(mebibyte);
  // An answer has one mebibyte; its bytes are shared by all who have it.
  expect((await memory()) - before).toBeLessThan(96 * mebibyte);
  for (const { socket } of clients) socket.destroy();
});
