import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";
import { watchProbe } from "./joined-workloads.ts";

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

async function listening<S extends Server>(server: S): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What a probe of an address says, one after the other. */
function watched(probe: object, address = "127.0.0.1"): readonly boolean[] {
  const told: boolean[] = [];
  const watch = watchProbe(systemClock)(probe, address, (healthy) => told.push(healthy));
  ends.push(() => watch.stop());
  return told;
}

const says = (told: readonly boolean[], wanted: readonly boolean[]) =>
  vi.waitFor(() => expect(told).toEqual(wanted), { timeout: 20_000, interval: 20 });

test("httpGet with scheme, host, path and httpHeaders (name, value): healthy, failed as often as it may, healthy again", async () => {
  let well = true;
  const port = await listening(
    createHttp((request, response) => {
      response.statusCode = well && request.url === "/ready" && request.headers["x-probe"] === "vm" ? 200 : 503;
      response.end();
    }),
  );
  const httpGet = {
    ...{ scheme: "HTTP", host: "127.0.0.1", port, path: "/ready", httpHeaders: [{ name: "X-Probe", value: "vm" }] },
  };
  const timing = { periodSeconds: 0.05, failureThreshold: 2, successThreshold: 2, initialDelaySeconds: 0 };
  // The address is nobody's: `host` says where to ask.
  const told = watched({ httpGet, timeoutSeconds: 1, ...timing }, "127.0.0.99");
  await says(told, [true]);
  well = false;
  await says(told, [true, false]);
  well = true;
  await says(told, [true, false, true]);
});

test("tcpSocket: whether the port is open, at the host that it names", async () => {
  const port = await listening(createServer((socket) => socket.end()));
  await says(watched({ tcpSocket: { port } }), [true]);
  await says(watched({ tcpSocket: { port, host: "127.0.0.1" } }, "127.0.0.99"), [true]);
});

test("grpc: whether the service is SERVING", async () => {
  const server = createHttp2();
  server.on("stream", (stream) => {
    stream.on("data", (message: Buffer) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, message.subarray(7).toString() === "shop" ? 1 : 2]));
    });
  });
  const port = await listening(server as unknown as Server);
  await says(watched({ grpc: { port, service: "shop" } }), [true]);
});
