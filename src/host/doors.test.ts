import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OpenDoor, openDoor } from "./doors.ts";
import { freePort } from "./rig-mesh.ts";

let door: OpenDoor;
let port: number;
const servers: Server[] = [];

beforeEach(async () => {
  port = await freePort();
  door = await openDoor(port);
});
afterEach(async () => {
  await door.close();
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

async function target(serve: (socket: Socket) => void): Promise<{ address: string; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on("error", () => {})));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** Sends, says that it has ended, and reads to the end: the other half stays open. */
function exchange(text: string | Buffer, host = "127.0.0.1"): Promise<Buffer> {
  const socket = connect({ port, host, allowHalfOpen: true });
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on("data", (part) => parts.push(part));
    socket.on("error", reject);
    socket.on("end", () => resolve(Buffer.concat(parts)));
    socket.end(text);
  });
}

/** Answers once the client has said all. */
const echoAtEnd = (name: string) => (socket: Socket) => {
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("end", () => socket.end(Buffer.concat([Buffer.from(name), ...parts])));
};

test("a half-close goes through, and the answer comes back, by both addresses of the machine", async () => {
  door.lead([await target(echoAtEnd("a:"))]);
  expect((await exchange("hello")).toString()).toBe("a:hello");
  expect((await exchange("hello", "::1")).toString()).toBe("a:hello");
});

test("targets take turns, a dead one is passed over, and new ones count from the next connection", async () => {
  const [one, two] = [await target(echoAtEnd("1")), await target(echoAtEnd("2"))];
  const dead = { address: "127.0.0.1", port: await freePort() };
  door.lead([one, dead, two]);
  const seen = new Set<string>();
  for (let i = 0; i < 6; i++) seen.add((await exchange("")).toString());
  expect(seen).toEqual(new Set(["1", "2"]));
  door.lead([two]);
  for (let i = 0; i < 3; i++) expect((await exchange("")).toString()).toBe("2");
});

test("nobody behind it: the connection is closed at once", async () => {
  door.lead([]);
  expect((await exchange("x").catch(() => Buffer.from("reset"))).toString()).toMatch(/^(reset)?$/);
  door.lead([{ address: "127.0.0.1", port: await freePort() }]);
  expect((await exchange("x").catch(() => Buffer.from("reset"))).toString()).toMatch(/^(reset)?$/);
});

test("a client that does not read holds its server back, and gets every byte when it does", async () => {
  const whole = Buffer.alloc(64 << 20, "weft");
  let written = 0;
  door.lead([
    await target((socket) => {
      for (let at = 0; at < whole.length; at += 1 << 16)
        socket.write(whole.subarray(at, at + (1 << 16)), () => (written += 1 << 16));
      socket.end();
    }),
  ]);
  const client = connect(port, "127.0.0.1");
  await new Promise((resolve) => client.once("readable", resolve));
  // Until nothing moves any more: what is on its way fits into the sockets' buffers.
  for (let before = -1; before !== written; await new Promise((resolve) => setTimeout(resolve, 200))) before = written;
  expect(written).toBeLessThan(whole.length);
  let read = 0;
  client.on("data", (part) => {
    read += part.length;
  });
  await new Promise((resolve) => client.on("end", resolve));
  expect(read).toBe(whole.length);
});

test("a client that goes away takes its connection to the server with it", async () => {
  let gone: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  door.lead([await target((socket) => socket.on("close", gone).resume().write("hi"))]);
  const client = connect(port, "127.0.0.1");
  await new Promise((resolve) => client.once("data", resolve));
  client.resetAndDestroy();
  await closed;
});

test("a port that is taken is told", async () => {
  await expect(openDoor(port)).rejects.toThrow(`port ${port} is taken`);
});
