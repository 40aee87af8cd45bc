import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bootstrap } from "./bootstrap.ts";
import { rootSecret, tokenSecret } from "./bootstrap-xds.ts";
import { testEnvoy } from "./test-envoy.ts";

const envoy = testEnvoy();
const pem = (name: string) => readFileSync(join(import.meta.dirname, "testdata", name));
const soon = { timeout: 20_000, interval: 20 };

let folder: string;
let controlPlane: Http2SecureServer;
let children: ChildProcess[];
const sessions = new Set<ServerHttp2Session>();
/** What each stream came with: path and authorization. */
let streams: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-xds-"));
  children = [];
  streams = [];
  controlPlane = createSecureServer({ key: pem("control-plane-key.pem"), cert: pem("control-plane.pem") });
  controlPlane.on("session", (session) =>
    sessions.add(session.on("close", () => sessions.delete(session)).on("error", () => {})),
  );
  controlPlane.on("stream", (stream, headers) => {
    streams.push(`${headers[":path"]} ${headers["authorization"]}`);
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
  });
  await new Promise<void>((done) => controlPlane.listen(0, "127.0.0.1", done));
  writeFileSync(join(folder, "sds-root.json"), JSON.stringify(rootSecret(pem("control-plane.pem").toString())));
  writeFileSync(join(folder, "sds-token.json"), JSON.stringify(tokenSecret("first.token")));
});
afterEach(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
    await new Promise((done) => child.once("exit", done));
  }
  for (const session of sessions) session.destroy();
  await new Promise((done) => controlPlane.close(done));
  rmSync(folder, { recursive: true, force: true });
});

/** An Envoy with nothing but what leads to the control plane: tests beside it may hold the other ports. */
function start(san: string): void {
  const node = {
    kind: "sidecar" as const,
    ip: "10.0.0.7",
    name: "a-0",
    namespace: "default",
    labels: {},
    annotations: {},
    serviceAccount: "a",
    workload: "a",
    containers: [],
    ports: [],
  };
  const more = {
    kubeCluster: "Kubernetes",
    meshId: "m",
    dnsDomain: "cluster.local",
    nodeName: "n",
    locality: { region: "", zone: "", subzone: "" },
  };
  const tls = { san, tokenSds: join(folder, "sds-token.json"), rootSds: join(folder, "sds-root.json") };
  const { port } = controlPlane.address() as AddressInfo;
  const made = bootstrap(
    { ...node, ...more },
    {
      xds: { address: "127.0.0.1", port, tls },
      admin: { path: join(folder, "admin.sock") },
      listen: { anyone: "127.0.0.1", self: "127.0.0.1" },
    },
  );
  const { clusters } = made["static_resources"] as { clusters: unknown[] };
  writeFileSync(join(folder, "bootstrap.json"), JSON.stringify({ ...made, static_resources: { clusters } }));
  children.push(
    spawn(
      envoy,
      ["-c", join(folder, "bootstrap.json"), "--disable-hot-restart", "--concurrency", "1", "--log-level", "off"],
      { stdio: "ignore" },
    ),
  );
}

const ads = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

test("each stream carries the token that is on disk, and a lost control plane is found again", async () => {
  start("istiod.istio-system.svc");
  await vi.waitFor(() => expect(streams).toEqual([`${ads} Bearer first.token`]), soon);
  writeFileSync(join(folder, "sds-token.new"), JSON.stringify(tokenSecret("second.token")));
  renameSync(join(folder, "sds-token.new"), join(folder, "sds-token.json"));
  await vi.waitFor(() => {
    for (const session of sessions) session.destroy();
    expect(streams.at(-1)).toBe(`${ads} Bearer second.token`);
  }, soon);
});

test("a control plane with another name gets no stream, and no token", async () => {
  const attempts: string[] = [];
  controlPlane.on("secureConnection", () => attempts.push("connected"));
  controlPlane.on("tlsClientError", () => attempts.push("refused"));
  start("somebody.else.svc");
  await vi.waitFor(() => expect(attempts.length).toBeGreaterThanOrEqual(2), soon);
  expect(streams).toEqual([]);
});
