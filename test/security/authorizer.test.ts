import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { type AuthorizerServer, grpcAuthorizer, httpAuthorizer, tcpEcho } from "./authorizers.ts";

// CUSTOM: a real gateway that asks real providers; both sides, and what happens while they cannot be asked.

let bed: GatewayBed;
let bytes: Server;
let servers: Readonly<Record<"http" | "grpc" | "second", AuthorizerServer>>;

beforeAll(async () => {
  bed = await gatewayBed();
  bytes = await tcpEcho();
});
afterAll(async () => {
  await bed?.stop();
  bytes?.close();
});
beforeEach(async () => {
  servers = {
    http: await httpAuthorizer("http"),
    grpc: await grpcAuthorizer("grpc"),
    second: await httpAuthorizer("second"),
  };
});
afterEach(() => Promise.all(Object.values(servers).map((server) => server.stop().catch(() => {}))));

type Kind = "http" | "grpc";
const kinds: readonly Kind[] = ["http", "grpc"];

interface Wishes {
  /** Of each provider. */
  readonly said?: object;
  readonly policies?: readonly object[];
}

/** The gateway with providers `http`, `grpc` and `second`, and policies. */
async function having({ said = {}, policies = [] }: Wishes): Promise<void> {
  const at = (host: string) => ({ service: host, port: 9000, timeout: "0.3s", ...said });
  const headers = {
    headersToUpstreamOnAllow: ["x-by"],
    headersToDownstreamOnDeny: ["x-told"],
    headersToDownstreamOnAllow: ["X-Told*"],
  };
  const request = {
    includeRequestHeadersInCheck: ["x-user", "x-team-*"],
    includeAdditionalHeadersInCheck: { "x-from": "mesh" },
    pathPrefix: "/check",
  };
  const extensionProviders = [
    { name: "http", envoyExtAuthzHttp: { ...at("http.test"), ...headers, ...request } },
    { name: "grpc", envoyExtAuthzGrpc: at("grpc.test") },
    { name: "second", envoyExtAuthzHttp: { ...at("second.test"), ...headers } },
  ];
  const objects = [
    ...Object.entries(servers).map(([name, { port }]) => entry(name, port, name === "grpc" ? "GRPC" : "HTTP")),
    entry("bytes", (bytes.address() as AddressInfo).port, "TCP"),
    gateway,
    throughput,
    ...policies,
  ];
  await bed.take([{ meshConfig: { extensionProviders } }, ...objects].map((o) => JSON.stringify(o)).join("\n---\n"));
}

const entry = (name: string, port: number, protocol: string) => ({
  ...{ apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata: { name, namespace: "istio-system" } },
  spec: {
    ...{
      hosts: [`${name}.test`],
      resolution: "STATIC",
      ports: [{ number: 9000, name: protocol.toLowerCase(), protocol }],
    },
    endpoints: [{ address: "127.0.0.1", ports: { [protocol.toLowerCase()]: port } }],
  },
});

const gateway = {
  ...{ apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata: { name: "front", namespace: "istio-system" } },
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [
      { port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] },
      { port: { number: 9000, name: "tcp", protocol: "TCP" }, hosts: ["*"] },
    ],
  },
};
const throughput = {
  ...{
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "bytes", namespace: "istio-system" },
  },
  spec: {
    ...{ hosts: ["*"], gateways: ["front"] },
    tcp: [{ match: [{ port: 9000 }], route: [{ destination: { host: "bytes.test", port: { number: 9000 } } }] }],
  },
};

function policy(provider: string, operation: object, name = provider) {
  return {
    ...{
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name, namespace: "istio-system" },
    },
    spec: { action: "CUSTOM", provider: { name: provider }, rules: [{ to: [{ operation }] }] },
  };
}

async function get(path: string, headers: http.OutgoingHttpHeaders = {}, body = "") {
  const asked = http.request({
    host: bed.ip,
    port: 8080,
    path,
    headers,
    method: body === "" ? "GET" : "POST",
    agent: false,
  });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: (await buffer(response)).toString() };
}

async function echoed(): Promise<string> {
  const socket = connect(9000, bed.ip);
  const ended = once(socket, "close");
  socket.on("error", () => {}).write("hello");
  const got = await Promise.race([once(socket, "data").then(([data]) => String(data)), ended.then(() => "closed")]);
  socket.destroy();
  return got;
}

describe.each(kinds)("a provider over %s", (kind) => {
  const asking = (said: object = {}) => having({ said, policies: [policy(kind, { paths: ["/asked*"] })] });

  test("is asked of what matches alone, and lets in what it allows", async () => {
    await asking();
    strictEqual((await get("/other")).status, 200);
    deepStrictEqual(servers[kind].took(), []);
    const { status, headers, body } = await get("/asked?q=1", { "x-user": "ann", "x-team-a": "b", "x-other": "c" });
    strictEqual(status, 200);
    strictEqual((JSON.parse(body) as Record<string, string>)["x-by"], kind);
    strictEqual((JSON.parse(body) as Record<string, string>)["x-secret"], undefined);
    const [question] = servers[kind].took();
    strictEqual(question?.path, kind === "http" ? "/check/asked?q=1" : "/asked?q=1");
    deepStrictEqual([question?.headers["x-user"], question?.headers["x-team-a"]], ["ann", "b"]);
    if (kind === "grpc") return;
    deepStrictEqual(
      [question?.headers["x-other"], question?.headers["x-from"], headers["x-told"]],
      [undefined, "mesh", "http"],
    );
  });

  test("refuses with its own status, page and headers", async () => {
    await asking();
    servers[kind].verdict = "refuse";
    const { status, headers, body } = await get("/asked");
    deepStrictEqual([status, headers["x-told"], headers["x-secret"], body], [401, kind, undefined, `${kind} says no`]);
    strictEqual((await get("/other")).status, 200);
  });

  test.each([
    ["down", "refuse"],
    ["slow", "never answer"],
    ["broken", "fail"],
  ] as const)("that is %s lets nothing in, unless told to", async (how, verdict) => {
    await asking();
    servers[kind].verdict = verdict;
    if (how === "down") await servers[kind].stop();
    strictEqual((await get("/asked")).status, 403);
    strictEqual((await get("/other")).status, 200);
    await asking({ statusOnError: "503" });
    strictEqual((await get("/asked")).status, 503);
    await asking({ failOpen: true });
    strictEqual((await get("/asked")).status, 200);
  });

  test("comes back without anything being told", async () => {
    await asking();
    servers[kind].verdict = "fail";
    strictEqual((await get("/asked")).status, 403);
    servers[kind].verdict = "allow";
    strictEqual((await get("/asked")).status, 200);
  });

  test("gets as much of the body as it may", async () => {
    await asking({ includeRequestBodyInCheck: { maxRequestBytes: 4, allowPartialMessage: true, packAsBytes: true } });
    strictEqual((await get("/asked", {}, "hello")).status, 200);
    strictEqual(servers[kind].took()[0]?.body, "hell");
    await asking({ includeRequestBodyInCheck: { maxRequestBytes: 4 } });
    strictEqual((await get("/asked", {}, "hello")).status, 413);
    deepStrictEqual(servers[kind].took(), []);
    strictEqual((await get("/asked", {}, "hey")).status, 200);
    strictEqual(servers[kind].took()[0]?.body, "hey");
  });

  test("is asked once, whichever of its policies match", async () => {
    await having({ policies: [policy(kind, { paths: ["/asked"] }), policy(kind, { methods: ["GET"] }, "another")] });
    strictEqual((await get("/asked")).status, 200);
    strictEqual(servers[kind].took().length, 1);
  });
});

test("several are asked, and one refusal refuses", async () => {
  await having({
    policies: [
      policy("grpc", { paths: ["/a*"] }),
      policy("second", { paths: ["/ab*"] }),
      policy("http", { paths: ["/abc"] }),
    ],
  });
  const questions = () => kinds.concat("second" as Kind).map((kind) => servers[kind].took().length);
  strictEqual((await get("/a")).status, 200);
  deepStrictEqual(questions(), [0, 1, 0]);
  strictEqual((await get("/abc")).status, 200);
  deepStrictEqual(questions(), [1, 1, 1]);
  servers.second.verdict = "refuse";
  const { status, body } = await get("/abc");
  deepStrictEqual([status, body], [401, "second says no"]);
  strictEqual((await get("/a")).status, 200);
});

test("a denial of the mesh's own holds whatever a provider allows", async () => {
  const deny = {
    ...policy("http", { paths: ["/asked"] }, "deny"),
    spec: { action: "DENY", rules: [{ to: [{ operation: { paths: ["/asked"] } }] }] },
  };
  await having({ policies: [policy("http", { paths: ["/*"] }), deny] });
  strictEqual((await get("/asked")).status, 403);
  strictEqual((await get("/other")).status, 200);
});

describe("of connections", () => {
  test("a provider over gRPC is asked", async () => {
    await having({ policies: [policy("grpc", { ports: ["9000"] })] });
    strictEqual(await echoed(), "hello");
    strictEqual(servers.grpc.took().length, 1);
    servers.grpc.verdict = "refuse";
    strictEqual(await echoed(), "closed");
    strictEqual((await get("/")).status, 200);
  });

  test.each([
    ["down", "refuse"],
    ["slow", "never answer"],
  ] as const)("one that is %s lets none in, unless told to", async (how, verdict) => {
    await having({ policies: [policy("grpc", { ports: ["9000"] })] });
    servers.grpc.verdict = verdict;
    if (how === "down") await servers.grpc.stop();
    strictEqual(await echoed(), "closed");
    await having({ said: { failOpen: true }, policies: [policy("grpc", { ports: ["9000"] })] });
    strictEqual(await echoed(), "hello");
  });

  test("one over HTTP is not asked", async () => {
    await having({ policies: [policy("http", { ports: ["9000"] })] });
    strictEqual(await echoed(), "hello");
    deepStrictEqual(servers.http.took(), []);
  });
});

test("its answers are told apart in what the proxy counts", async () => {
  await having({ policies: [policy("grpc", { paths: ["/asked"] })] });
  servers.grpc.verdict = "refuse";
  strictEqual((await get("/asked", { "content-type": "application/grpc" })).headers["grpc-status"], "16");
  const counted = await bed.envoy.admin("/stats?filter=rbac");
  match(counted, /istio_ext_authz_.*shadow_denied: [1-9]/);
  ok(!/istio_ext_authz_.*\.denied: [1-9]/.test(counted));
});
