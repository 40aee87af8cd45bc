import { mkdtempSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, test, vi } from "vitest";
import { openAuthority } from "../../src/ca/authority.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import type { Log } from "../../src/std/log.ts";
import { createXdsServer, type StreamRequest } from "../../src/xds/server.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const random = { next: Math.random, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const identity = (serviceAccount: string) => ({ trustDomain: "cluster.local", namespace: "default", serviceAccount });

function authorityIn(name: string) {
  const files = new PrivateFiles(join(mkdtempSync(join(tmpdir(), `weft-tls-${name}-`)), "ca"), log);
  return openAuthority({ home: files, trustDomain: "cluster.local", clock, random, log });
}

test("a client's certificate reaches the authenticator, verified or not; new material is for new connections", async () => {
  const [mesh, foreign] = [await authorityIn("mesh"), await authorityIn("foreign")];
  const seen: StreamRequest[] = [];
  const server = createXdsServer<string>({
    clock,
    log,
    authenticate(request) {
      seen.push(request);
      return Promise.resolve({ refusal: { status: 16, message: "seen" } });
    },
    open: () => undefined,
  });
  const ca = mesh.roots.join("");
  const material = async () => {
    const own = await mesh.issueServer(identity("istiod"), { dns: ["localhost"], ips: ["127.0.0.1"] });
    return { key: own.key.pem(), cert: own.chain, ca };
  };
  const listening = await server.listen({ host: "127.0.0.1", port: 0, tls: await material() });
  const call = async (client?: { chain: string; key: { pem(): string } }): Promise<string> => {
    const options = client ? { cert: client.chain, key: client.key.pem() } : {};
    const connection = connect(`https://localhost:${listening.port}`, { ca, ...options });
    const count = seen.length;
    const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
    const stream = connection.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
    stream.on("error", () => {});
    await vi.waitFor(() => expect(seen.length).toBe(count + 1));
    const serial = (connection.socket as TLSSocket).getPeerX509Certificate()?.serialNumber ?? "";
    connection.destroy();
    return serial;
  };
  const first = await call(await mesh.issue(identity("reviews")));
  expect(seen[0]?.tls?.authorized).toBe(true);
  expect(seen[0]?.tls?.certificate?.subjectAltName).toBe("URI:spiffe://cluster.local/ns/default/sa/reviews");
  await call(await foreign.issue(identity("admin")));
  expect(seen[1]?.tls?.authorized).toBe(false);
  await call();
  expect(seen[2]?.tls).toEqual({ authorized: false });
  listening.setTls(await material());
  expect(await call()).not.toBe(first);
  await server.close();
});
