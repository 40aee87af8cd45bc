import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { envoyBinary } from "../cluster/envoy.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-behaviour-"));
let mesh: ChildProcess;
let door = 0;

async function freePort(): Promise<number> {
  for (;;) {
    const port = 28_000 + Math.floor(Math.random() * 1000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false));
      server.listen(port, () => server.close(() => done(true)));
    });
    if (free) return port;
  }
}

/** What the client says of a call that it made through its sidecar. */
async function calls(kind: string, params: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${door}/${kind}?${new URLSearchParams(params)}`);
  const text = await response.text();
  return response.status === 200
    ? (JSON.parse(text) as Record<string, unknown>)
    : { error: `${response.status} ${text}` };
}

async function until<T>(attempt: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await attempt().catch(() => undefined);
    if (value !== undefined && done(value)) return value;
    await new Promise((next) => setTimeout(next, 50));
  }
}

const status = (wanted: number) => (answer: Record<string, unknown>) => answer["status"] === wanted;
/** A policy that is watched like every file of the folder. */
const policy = (name: string, text: string) => writeFileSync(join(folder, "mesh", `${name}.yaml`), text);
const noPolicy = (name: string) => rmSync(join(folder, "mesh", `${name}.yaml`));
const headersOf = (answer: Record<string, unknown>) =>
  (JSON.parse(answer["body"] as string) as { headers: Record<string, string> }).headers;

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "mesh"), join(folder, "mesh"), { recursive: true });
  const ports = [await freePort(), await freePort(), await freePort()];
  door = ports[0] as number;
  const args = [
    join(import.meta.dirname, "mesh-process.ts"),
    join(folder, "mesh"),
    join(folder, "state"),
    ...ports.map(String),
  ];
  const env = { ...process.env, WEFT_ENVOY: envoyBinary() };
  mesh = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  await Promise.race([
    once(mesh.stdout as NodeJS.ReadableStream, "data"),
    once(mesh, "exit").then(() => Promise.reject(new Error("the mesh ended"))),
  ]);
  await until(() => calls("http"), status(200));
});

afterAll(async () => {
  if (mesh?.exitCode === null) {
    mesh.kill("SIGTERM");
    await once(mesh, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

describe("through two sidecars", () => {
  test("the server knows who called by a certificate, and nobody sees the mesh's own headers", async () => {
    const headers = headersOf(await calls("http", { "x-weft-peer": "forged", "x-weft-scope": "forged" }));
    match(headers["x-forwarded-client-cert"] ?? "", /URI=spiffe:\/\/cluster\.local\/ns\/default\/sa\/client/);
    deepStrictEqual([headers["x-weft-peer"], headers["x-weft-scope"]], [undefined, undefined]);
  });

  test("WebSocket", async () => {
    const answer = await calls("websocket");
    deepStrictEqual(answer, { status: 101, accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", echoed: "ping" });
  });

  test("gRPC, one message and many", async () => {
    deepStrictEqual(await calls("grpc"), { echoed: 1, status: 200, grpc: "0" });
    deepStrictEqual(await calls("grpc", { messages: "20" }), { echoed: 20, status: 200, grpc: "0" });
  });

  test("HTTP/1.0", async () => {
    const { body } = await calls("raw", { text: "GET / HTTP/1.0\r\nHost: server\r\n\r\n" });
    match(body as string, /^HTTP\/1\.[01] 200 OK\r\n/);
  });

  test("TLS of the application's own", async () => {
    deepStrictEqual(await calls("tls"), { first: "own", subject: "own" });
  });

  test("trailers", async () => {
    deepStrictEqual((await calls("http"))["trailers"], { "x-end": "reached" });
  });

  test("a big upload, told to go on first", async () => {
    const size = 20_000_000;
    const answer = await calls("http", {
      method: "POST",
      size: String(size),
      expect: "100-continue",
      "content-length": String(size),
    });
    deepStrictEqual([answer["status"], answer["continued"]], [200, true]);
    strictEqual((JSON.parse(answer["body"] as string) as { bytes: number }).bytes, size);
  });

  test("bytes that the server begins, without a wait for the client's", async () => {
    const { first, waited } = await calls("bytes");
    strictEqual(first, "hello\n");
    ok((waited as number) < 10_000, `${waited} ms`);
  });
});

describe("who may call", () => {
  const rule = (account: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: who}
spec: {selector: {matchLabels: {app: server}}, rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/${account}]}}]}]}
`;

  test("another is refused, on every protocol, whatever header it sends; the one who may is not", async () => {
    policy("who", rule("somebody-else"));
    await until(() => calls("http"), status(403));
    strictEqual(
      (
        await calls("http", {
          "x-weft-peer": "somebody-else",
          "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/default/sa/somebody-else",
        })
      )["status"],
      403,
    );
    strictEqual((await calls("websocket"))["status"], 403);
    strictEqual((await calls("grpc"))["grpc"], "7");
    const { body } = await calls("raw", { port: "3306", text: "x" });
    ok(!(body as string).includes("x"), "what the client sends does not come back");
    policy("who", rule("client"));
    await until(() => calls("http"), status(200));
    strictEqual((await calls("bytes"))["first"], "hello\n");
    noPolicy("who");
  });
});

describe("plaintext", () => {
  test("is taken where it is allowed, and refused where only mTLS is", async () => {
    policy(
      "plain",
      `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: plain}
spec: {host: server, trafficPolicy: {tls: {mode: DISABLE}}}
`,
    );
    const plain = (answer: Record<string, unknown>) =>
      answer["status"] === 200 && headersOf(answer)["x-forwarded-client-cert"] === undefined;
    await until(() => calls("http"), plain);
    const { first, waited } = await calls("bytes");
    strictEqual(first, "hello\n");
    ok((waited as number) < 10_000, `${waited} ms`);
    policy(
      "strict",
      `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict}
spec: {selector: {matchLabels: {app: server}}, mtls: {mode: STRICT}}
`,
    );
    await until(() => calls("http"), status(503));
    ok(!JSON.stringify(await calls("raw", { port: "3306", text: "x" })).includes("hello"));
    noPolicy("plain");
    await until(() => calls("http"), status(200));
    noPolicy("strict");
  });
});
