import { createServer as createHttp } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type ProbeTarget, tryProbe } from "./probe.ts";

const servers: { close(done: () => void): unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((done) => server.close(() => done()));
});

async function listening<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

const target = (change: Partial<ProbeTarget> = {}): ProbeTarget => ({
  address: "127.0.0.1",
  from: undefined,
  ports: [],
  enter: [],
  env: { PATH: process.env["PATH"] ?? "" },
  ...change,
});

test("HTTP: 200 to 399 is well; the path, headers and a port by name are as written; the source is the one that is not captured", async () => {
  const seen: string[] = [];
  const port = await listening(
    createHttp((request, response) => {
      seen.push(`${request.url} ${request.headers["x-probe"]} ${request.socket.remoteAddress}`);
      response.statusCode = Number(request.url?.slice(1)) || 200;
      response.end();
    }),
  );
  const from = target({ ports: [{ name: "web", containerPort: port }], from: "127.0.0.9" });
  expect(
    await tryProbe({ httpGet: { port: "web", path: "302", httpHeaders: [{ name: "X-Probe", value: "yes" }] } }, from),
  ).toBeUndefined();
  expect(await tryProbe({ httpGet: { port, path: "/503" } }, from)).toBe("GET /503: status 503");
  expect(seen).toEqual(["/302 yes 127.0.0.9", "/503 undefined 127.0.0.9"]);
  expect(await tryProbe({ httpGet: { port: "nope" } }, from)).toBe("the container has no port named nope");
});

test("HTTP: nobody there, and nobody who answers", async () => {
  const silent = await listening(createServer((socket) => void socket.on("error", () => {}).resume()));
  expect(await tryProbe({ httpGet: { port: silent }, timeoutSeconds: 0.2 }, target())).toBe("GET /: no answer in time");
  expect(await tryProbe({ httpGet: { port: 1 } }, target())).toMatch(/ECONNREFUSED/);
});

test("TCP: open or not", async () => {
  const port = await listening(createServer((socket) => socket.end()));
  expect(await tryProbe({ tcpSocket: { port } }, target())).toBeUndefined();
  expect(await tryProbe({ tcpSocket: { port: 1 } }, target())).toMatch(/^port 1: .*ECONNREFUSED/);
});

test("gRPC: SERVING is well, for the service that was named", async () => {
  const server = createHttp2();
  server.on("stream", (stream) => {
    stream.on("data", (message: Buffer) => {
      const well = message.subarray(7).toString() === "shop";
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, well ? 1 : 2]));
    });
  });
  const port = await listening(server as unknown as Server);
  expect(await tryProbe({ grpc: { port, service: "shop" } }, target())).toBeUndefined();
  expect(await tryProbe({ grpc: { port, service: "other" } }, target())).toBe("gRPC health: not SERVING");
});

test("a command: its exit code, its time, and the way into the Pod before it", async () => {
  const enter = ["env", "WHERE=pod"];
  expect(await tryProbe({ exec: { command: ["sh", "-c", 'test "$WHERE" = pod'] } }, target({ enter }))).toBeUndefined();
  expect(await tryProbe({ exec: { command: ["sh", "-c", "exit 4"] } }, target({ enter }))).toBe("exec: exit code 4");
  expect(await tryProbe({ exec: { command: ["sleep", "60"] }, timeoutSeconds: 0.1 }, target())).toBe(
    "exec: no end in time",
  );
});
