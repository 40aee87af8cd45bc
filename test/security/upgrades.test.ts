import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Backends, read, startBackends } from "./backends.ts";
import { exchange, get, open, statuses, untilClosed } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// What follows a request that asks for another protocol.

const port = 7000;
let bed: WorkloadBed;
let backends: Backends;
let chat: Server;
/** What the server behind the sidecar was asked for. */
let asked: string[] = [];

beforeAll(async () => {
  bed = await workloadBed();
  backends = await startBackends(bed.applications);
  chat = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("no chat");
  });
  chat.on("upgrade", (request, socket: Duplex) => {
    asked.push(`upgrade ${request.url}`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    socket.on("error", () => {}).pipe(socket);
  });
  chat.on("connect", (request, socket: Duplex) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 200 OK\r\n\r\n");
  });
  chat.listen(port, bed.applications);
  await once(chat, "listening");
  await bed.take(
    [port, port + 50, ...Object.values(backends.ports)],
    `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: paths}
spec: {action: DENY, rules: [{to: [{operation: {paths: ["/smuggled*"]}}]}]}`,
  );
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  chat?.close();
  await backends?.stop();
  await bed?.stop();
});

const upgrade = (path: string, to = "websocket", more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: app\r\nConnection: Upgrade${more === "" ? "" : ", HTTP2-Settings"}\r\nUpgrade: ${to}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;
const inner = "GET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n";
const target = (at: number = port) => ({ host: bed.ip, port: at });

test("a WebSocket goes through, and what is said in it", async () => {
  const socket = open(target());
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.write(upgrade("/chat"));
  await expect.poll(() => heard).toMatch(/^HTTP\/1.1 101 /);
  socket.write("hello");
  await expect.poll(() => heard).toMatch(/hello$/);
  socket.destroy();
  deepStrictEqual(asked, ["upgrade /chat"]);
});

test("a policy holds for it too", async () => {
  deepStrictEqual(statuses(await exchange(target(), upgrade("/smuggled"))), [403]);
  deepStrictEqual(asked, []);
});

describe.each(["node", "nginx", "python"] as const)("%s, which speaks no WebSocket", (name) => {
  test("takes nothing that follows the request for one as another request", async () => {
    const at = target(backends.ports[name]);
    const answer = await exchange(at, upgrade("/post") + inner);
    deepStrictEqual([statuses(answer), read(answer)], [[200], []], answer);
    for (let i = 0; i < 5; i++) {
      const probe = await exchange(at, get(`/probe${i}`));
      deepStrictEqual([statuses(probe), read(probe).includes(`/probe${i}`)], [[200], true], probe);
    }
  });
});

test("no byte behind the request goes out before the server has taken it", async () => {
  const plain = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("no chat");
  });
  plain.listen(port + 50, bed.applications);
  await once(plain, "listening");
  await exchange(target(port + 50), upgrade("/post") + inner);
  await exchange(target(port + 50), get("/probe"));
  plain.close();
  deepStrictEqual(asked, ["GET /post", "GET /probe"]);
});

test("bytes behind a request for a WebSocket are the WebSocket's", async () => {
  const socket = open(target());
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.write(upgrade("/chat") + inner);
  await expect.poll(() => heard).toMatch(/101 [\s\S]*GET \/smuggled/);
  socket.destroy();
  deepStrictEqual(asked, ["upgrade /chat"]);
});

test.each(["h2c", "TLS/1.2", "HTTP/3.0", "foo", "websocket, h2c"])("nobody asked for %s", async (to) => {
  const more = to === "h2c" ? "HTTP2-Settings: AAMAAABkAAQAAP__\r\n" : "";
  const answer = await exchange(target(), upgrade("/chat", to, more));
  strictEqual(
    asked.some((a) => a.startsWith("upgrade")),
    false,
  );
  match(answer, /^HTTP\/1.1 (200|400|403)/);
});

test.each(["app:80", "127.0.0.1:1", "smuggled.example.com:443"])(
  "CONNECT %s goes nowhere, with early data or without",
  async (to) => {
    const answer = await untilClosed(target(), `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n${inner}`);
    strictEqual(statuses(answer)[0] === 200, false, answer);
    deepStrictEqual(asked, []);
  },
);

test.each(["PRI", "CONNECT"])("%s to a path is no request", async (method) => {
  deepStrictEqual(statuses(await exchange(target(), `${method} /post HTTP/1.1\r\nHost: app\r\n\r\n`)), [400]);
  deepStrictEqual(asked, []);
});
