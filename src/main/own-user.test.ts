import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { ownUser } from "./own-user.ts";

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
/** Port 0x1F90 is 8080, 0x4E21 is 20001. */
const line = (local: string, remote: string, uid: number) =>
  `   1: 0100007F:${local} 0100007F:${remote} 01 00000000:00000000 00:00000000 00000000 ${uid} 0 12345 1 0 20 4 30 10 -1`;
const peer = { remoteAddress: "127.0.0.1", remotePort: 8080, localPort: 20_001 };
const at = (lines: readonly string[], uid = 1000) =>
  ownUser(uid, async (path) => (path === "/proc/net/tcp" ? [head, ...lines].join("\n") : Promise.reject())).at(peer);

test("the owner of the other end decides", async () => {
  const ours = line("4E21", "1F90", 1000);
  expect(await at([ours, line("1F90", "4E21", 1000)])).toBe(true);
  expect(await at([ours, line("1F90", "4E21", 0)])).toBe(true);
  expect(await at([ours, line("1F90", "4E21", 65_534)])).toBe(false);
  expect(await at([ours, line("1F90", "4E22", 1000)])).toBe(false);
  expect(await at([ours])).toBe(false);
});

test("two connections that look alike are not told apart, so both must be ours", async () => {
  expect(await at([line("1F90", "4E21", 1000), line("1F90", "4E21", 65_534)])).toBe(false);
});

test("as the kernel tells it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = await once(server, "connection");
  expect(await ownUser().at(socket)).toBe(true);
  client.destroy();
  server.close();
});
