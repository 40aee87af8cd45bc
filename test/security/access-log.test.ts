import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, test } from "vitest";
import { ownAddress } from "../proxy/own-address.ts";
import { get, having, startGateway, stopGateway } from "../proxy/policy-gateway.ts";
import type { ServedEnvoy } from "../proxy/served-envoy.ts";

// Access logs of a real proxy, and what callers can write into them.

let envoy: ServedEnvoy;
const folder = mkdtempSync(join(tmpdir(), "access-log-"));
beforeAll(async () => {
  envoy = await startGateway();
});
afterAll(async () => {
  await stopGateway();
  rmSync(folder, { recursive: true, force: true });
});

const log = (name: string) => join(folder, name);
/** Envoy writes what it holds every ten seconds, or when it is asked. */
async function written(name: string, lines: number): Promise<readonly string[]> {
  for (;;) {
    await envoy.admin("/reopen_logs", "POST");
    const found = readFileSync(log(name), "utf8").split("\n").slice(0, -1);
    if (found.length >= lines) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const denies = {
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "no-admin", namespace: "istio-system" },
  spec: { action: "DENY", rules: [{ to: [{ operation: { paths: ["/admin*"] } }] }] },
};

/** A mesh that logs into a file. */
async function logging(name: string, said: object = {}, ...more: readonly object[]): Promise<void> {
  await having("RateLimit", { rules: [{ name: "all", limit: { requests: 1000, unit: "Hour" } }] }, denies, ...more, {
    meshConfig: { accessLogFile: log(name), ...said },
  });
}

const theDenial = "rbac_access_denied_matched_policy[ns[istio-system]-policy[no-admin]-rule[0]]";

test("a denial's line names its policy and its rule, in Istio's own format", async () => {
  await logging("text.log");
  strictEqual((await get("/admin/x", { "user-agent": "probe" })).status, 403);
  const [line = ""] = await written("text.log", 1);
  match(line, /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] "GET \/admin\/x HTTP\/1\.1" 403 - /);
  ok(line.includes(` 403 - ${theDenial} - "-" 0 19 `), line);
});

test("JSON has Istio's keys", async () => {
  await logging("json.log", { accessLogEncoding: "JSON" });
  strictEqual((await get("/admin")).status, 403);
  strictEqual((await get("/api/x")).status, 200);
  const [denied, passed] = (await written("json.log", 2)).map((line) => JSON.parse(line) as Record<string, unknown>);
  deepStrictEqual(
    [denied?.["response_code"], denied?.["response_code_details"], denied?.["path"], denied?.["response_flags"]],
    [403, theDenial, "/admin", "-"],
  );
  deepStrictEqual([passed?.["response_code"], passed?.["route_name"]], [200, "api"]);
});

test("what a request says stays one value of one object in JSON", async () => {
  await logging("forged.log", { accessLogEncoding: "JSON" });
  const forged = '","response_code":200,"path":"/nothing","a":"\t';
  await get("/admin/%0a%22", { "user-agent": forged, "x-request-id": forged });
  const lines = await written("forged.log", 1);
  strictEqual(lines.length, 1);
  const said = JSON.parse(lines[0] as string) as Record<string, unknown>;
  deepStrictEqual([said["response_code"], said["path"]], [403, "/admin/%0a%22"]);
});

/** The first bytes of a TLS client that asks for a name; then the name is another of the same length. */
async function hello(name: string, instead: Buffer): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = connectTls({ host: "127.0.0.1", port, servername: name });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [import("node:net").Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  for (const one of [socket, client]) one.destroy();
  server.close();
  const at = bytes.indexOf(name);
  ok(at > 0 && instead.length === name.length);
  return Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(at + name.length)]);
}

test.each(["TEXT", "JSON"])("a server name with a line of its own writes no line (%s)", async (accessLogEncoding) => {
  const passes = {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "tls", namespace: "istio-system" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [
        { port: { number: 8443, name: "tls", protocol: "TLS" }, tls: { mode: "PASSTHROUGH" }, hosts: ["only.test"] },
      ],
    },
  };
  const to = {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "tls", namespace: "istio-system" },
    spec: {
      hosts: ["only.test"],
      gateways: ["tls"],
      tls: [{ match: [{ sniHosts: ["only.test"] }], route: [{ destination: { host: "app.mesh" } }] }],
    },
  };
  const name = `sni-${accessLogEncoding}.log`;
  await logging(name, { accessLogEncoding }, passes, to);
  const socket = connect(8443, ownAddress());
  socket.on("error", () => {});
  socket.write(await hello("aaaa.stranger.test", Buffer.from('aaa\n[2026] "GET x"')));
  await new Promise((resolve) => socket.on("close", resolve));
  await get("/after");
  const lines = await written(name, 2);
  strictEqual(lines.length, 2, lines.join("\n"));
  ok(lines.every((line) => line.startsWith(accessLogEncoding === "JSON" ? "{" : "[20")));
  ok(!lines.some((line) => line.startsWith("[2026] ")));
});
