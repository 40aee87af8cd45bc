import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { field, flags, frame } from "./frames.ts";
import { attacker } from "./http2-attack.ts";
import { exchange, get, statuses } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// HTTP/2 has lengths where HTTP/1 has line ends: what would end a line there is refused, not written to the server.

const port = 7000;
let bed: WorkloadBed;
let server: Server;
/** What the server was asked for. */
let asked: string[] = [];

beforeAll(async () => {
  bed = await workloadBed();
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    request.resume().on("end", () => response.end("ok"));
  });
  server.listen(port, bed.applications);
  await once(server, "listening");
  await bed.take([port], "");
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server?.close();
  await bed?.stop();
});

const target = () => ({ host: bed.ip, port });
const named = { ":method": "POST", ":scheme": "http", ":path": "/post", ":authority": "app" };

/** A request's frames; `data` is its body. */
function request(headers: Readonly<Record<string, string>>, data?: string): Buffer {
  const fields = Object.entries({ ...named, ...headers }).map(([name, value]) => field(name, value));
  const head = frame(
    "headers",
    1,
    Buffer.concat(fields),
    flags.endHeaders | (data === undefined ? flags.endStream : 0),
  );
  return data === undefined ? head : Buffer.concat([head, frame("data", 1, Buffer.from(data), flags.endStream)]);
}

const inner = "GET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n";

const bad: Readonly<Record<string, readonly [headers: Readonly<Record<string, string>>, data?: string]>> = {
  "a value with CR LF": [{ "x-a": `b\r\nx-smuggled: 1\r\n\r\n${inner}` }],
  "a value with LF": [{ "x-a": "b\nx-smuggled: 1" }],
  "a value with CR": [{ "x-a": "b\rx-smuggled: 1" }],
  "a value with NUL": [{ "x-a": "b\0c" }],
  "a name with CR LF": [{ "x-a: b\r\nx-smuggled": "1" }],
  "a name with a colon": [{ "x-a: b": "1" }],
  "a name with a space": [{ "x a": "1" }],
  "a name in capitals": [{ "X-A": "1" }],
  "a path with CR LF": [{ ":path": `/ HTTP/1.1\r\nhost: app\r\n\r\n${inner}` }],
  "a path with a space": [{ ":path": "/ HTTP/1.1 /x" }],
  "a method with a space": [{ ":method": "GET /smuggled HTTP/1.1\r\nx:" }],
  "an authority with CR LF": [{ ":authority": "app\r\nx-smuggled: 1" }],
  "a scheme with CR LF": [{ ":scheme": "http\r\nx: y" }],
  "an encoding of HTTP/1": [{ "transfer-encoding": "chunked" }, `0\r\n\r\n${inner}`],
  "a length that is too short": [{ "content-length": "1" }, inner],
  "a length that is too long": [{ "content-length": "1000" }, inner],
  "two lengths": [{ "content-length": "1, 5" }, "hello"],
  "a connection header": [{ connection: "close" }],
  "an upgrade": [{ upgrade: "websocket", connection: "upgrade" }],
  "an unknown pseudo-header": [{ ":smuggled": "x" }],
  "no path": [{ ":path": "" }],
};

test.each(Object.entries(bad))("%s reaches nobody as a request", async (_, [headers, data]) => {
  const client = attacker(target());
  let heard = Buffer.alloc(0);
  client.socket.on("data", (chunk) => {
    heard = Buffer.concat([heard, chunk]);
  });
  await client.flood([request(headers, data)]);
  // It ends by RST_STREAM or GOAWAY, by an answer, or with the connection.
  await expect
    .poll(() => client.socket.destroyed || kinds(heard).some((k) => k === 1 || k === 3 || k === 7), { timeout: 20_000 })
    .toBe(true);
  client.socket.destroy();
  deepStrictEqual(statuses(await exchange(target(), get("/probe"))), [200]);
  // A body that breaks its word is found out when its headers are on their way already; nothing in it is a request.
  const begun = headers["content-length"] === undefined ? [] : ["POST /post app"];
  deepStrictEqual(
    asked.filter((line) => line !== "GET /probe app" && !begun.includes(line)),
    [],
  );
});

test("a request in order reaches the server, and the host of two is :authority's", async () => {
  const client = attacker(target());
  await client.flood([request({ host: "other", "content-length": "5" }, "hello")]);
  await expect.poll(() => asked).toEqual(["POST /post app"]);
  client.socket.destroy();
});

/** Types of the frames that came. */
function kinds(bytes: Buffer): readonly number[] {
  const all: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) all.push(bytes[at + 3] ?? -1);
  return all;
}
