import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingHttpHeaders } from "node:http";
import type { Http2Server } from "node:http2";
import { type AddressInfo, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, test } from "vitest";
import { envoyTypes } from "../../src/gen/envoy-types.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "../proxy/mesh.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";
import { withSecrets } from "../proxy/test-secrets.ts";
import { externalProcessor, healthy } from "./servers.ts";
import { before, filter, mesh, ownCluster } from "./texts.ts";

// One real gateway, an application behind it, and what EnvoyFilters and extensions make of requests.

const ip = ownAddress();
const directory = mkdtempSync(join(tmpdir(), "patch-behaviour-"));
const running: (Server | Http2Server)[] = [];
const ports: Record<string, number> = {};
let envoy: ServedEnvoy;

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;

const taken = (...texts: readonly string[]) =>
  envoy.take(withSecrets(directory, configOf(proxy, mesh(ports), ...texts)));
const take = async (...texts: readonly string[]) => deepStrictEqual(await taken(...texts), []);

async function listening(name: string, server: Server | Http2Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = (server.address() as AddressInfo).port;
  running.push(server);
}

beforeAll(async () => {
  await makeCertificates(directory);
  const app = http.createServer(async (request, response) => {
    const body = await text(request);
    response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers, body }));
  });
  await listening("app", app);
  await listening("processor", externalProcessor());
  await listening("health", healthy());
  envoy = await ServedEnvoy.start({ ip });
  await take();
});

afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function get(path: string, headers: Record<string, string> = {}, body?: string) {
  const asked = http.request({
    host: ip,
    port: 8080,
    path,
    headers: { host: "shop.test", ...headers },
    agent: false,
    method: body === undefined ? "GET" : "POST",
  });
  asked.end(body);
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  const said = await text(response);
  const json = said.startsWith("{");
  return {
    status: response.statusCode,
    headers: response.headers,
    text: said,
    ...(json ? { saw: JSON.parse(said) as Seen } : {}),
  };
}

/** A cluster as the Envoy has it. */
async function cluster(host: string) {
  const dump = JSON.parse(await envoy.admin("/config_dump?resource=dynamic_active_clusters")) as {
    configs: { cluster: { name: string; lb_policy?: string; connect_timeout: string } }[];
  };
  return dump.configs.find((c) => c.cluster.name === `outbound|80||${host}`)?.cluster;
}

/** Waits until requests are answered so: what is refused is in force a moment after it was told. */
async function answers(status: number): Promise<void> {
  while ((await get("/")).status !== status) await pause(5);
}

const extProc = () =>
  filter(
    ownCluster(ports, "processor", true) +
      before("envoy.filters.http.ext_proc", "ext_proc.v3.ExternalProcessor", {
        grpc_service: { envoy_grpc: { cluster_name: "processor" }, timeout: "2s" },
        processing_mode: { request_header_mode: "SEND", request_body_mode: "BUFFERED", response_header_mode: "SEND" },
      }),
  );

test("ext_proc: a server of the user's changes headers and body, and answers in the application's place", async () => {
  await take(extProc());
  const changed = await get("/", {}, "hello");
  strictEqual(changed.saw?.headers["x-processed"], "request");
  strictEqual(changed.saw?.body, "HELLO");
  strictEqual(changed.headers["x-processed"], "response");
  const refused = await get("/", { "x-block": "1" });
  deepStrictEqual([refused.status, refused.text], [409, "blocked"]);
});

test("oauth2: who is not logged in goes to the provider", async () => {
  const provider = "https://login.test";
  await take(
    filter(
      ownCluster(ports, "app", false) +
        before("envoy.filters.http.oauth2", "oauth2.v3.OAuth2", {
          config: {
            token_endpoint: { cluster: "app", uri: `${provider}/token`, timeout: "3s" },
            authorization_endpoint: `${provider}/authorize`,
            redirect_uri: "http://%REQ(:authority)%/callback",
            redirect_path_matcher: { path: { exact: "/callback" } },
            signout_path: { path: { exact: "/signout" } },
            credentials: {
              client_id: "shop",
              token_secret: {
                name: "token",
                sds_config: { path_config_source: { path: join(import.meta.dirname, "testdata/oauth2/token.yaml") } },
              },
              hmac_secret: {
                name: "hmac",
                sds_config: { path_config_source: { path: join(import.meta.dirname, "testdata/oauth2/hmac.yaml") } },
              },
            },
            auth_scopes: ["openid"],
          },
        }),
    ),
  );
  const { status, headers } = await get("/account");
  strictEqual(status, 302);
  match(String(headers.location), /^https:\/\/login\.test\/authorize\?client_id=shop&.*scope=openid/);
});

test("grpc_json_transcoder: JSON becomes gRPC", async () => {
  const proto = envoyTypes().getFile("grpc/health/v1/health.proto")?.proto as FileDescriptorProto;
  const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [proto] }));
  const transcoder = {
    proto_descriptor_bin: Buffer.from(bytes).toString("base64"),
    services: ["grpc.health.v1.Health"],
    auto_mapping: true,
  };
  await take(
    filter(before("envoy.filters.http.grpc_json_transcoder", "grpc_json_transcoder.v3.GrpcJsonTranscoder", transcoder)),
  );
  const { status, text } = await get(
    "/grpc.health.v1.Health/Check",
    { "content-type": "application/json" },
    '{"service":"shop"}',
  );
  deepStrictEqual([status, JSON.parse(text)], [200, { status: "SERVING" }]);
});

test("a patch that Envoy refuses harms its own listener alone, and the next one is taken", async () => {
  const bad = filter(
    before("envoy.filters.http.lua", "lua.v3.Lua", { default_source_code: { inline_string: "this is no Lua" } }),
  );
  const [said, ...more] = await taken(bad);
  match(String(said), /_8080: .*Lua|script load error/);
  deepStrictEqual(more, []);
  strictEqual((await get("/")).status, 200);
  await take(
    filter(
      before("envoy.filters.http.lua", "lua.v3.Lua", {
        default_source_code: { inline_string: "function envoy_on_response(h) h:headers():add('x-lua', 'yes') end" },
      }),
    ),
  );
  strictEqual((await get("/")).headers["x-lua"], "yes");
});

test("of two patches of clusters the one that Envoy refuses leaves its own as it was; the other is in force", async () => {
  await take();
  const connect = (host: string, seconds: number) => `
  - applyTo: CLUSTER
    match: {context: GATEWAY, cluster: {service: ${host}}}
    patch: {operation: MERGE, value: {connect_timeout: ${seconds}s}}`;
  const refused = await taken(filter(connect("health.mesh", -1) + connect("app.mesh", 3)));
  deepStrictEqual(
    refused.map((r) => r.slice(0, r.indexOf(": "))),
    ["outbound|80||health.mesh"],
  );
  deepStrictEqual([(await cluster("health.mesh"))?.connect_timeout, (await get("/")).status], ["10s", 200]);
  while ((await cluster("app.mesh"))?.connect_timeout !== "3s") await pause(5);
});

test("a patch of a cluster that Envoy refuses leaves it as it was", async () => {
  await take();
  const ring = "{lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 9, maximum_ring_size: 1}}";
  const patch = `
  - applyTo: CLUSTER
    match: {context: GATEWAY, cluster: {service: health.mesh}}
    patch: {operation: MERGE, value: ${ring}}`;
  const refused = await taken(filter(patch));
  strictEqual(refused.length, 1);
  match(String(refused[0]), /^outbound\|80\|\|health\.mesh: .*ring/);
  strictEqual((await cluster("health.mesh"))?.lb_policy, "LEAST_REQUEST");
  strictEqual((await get("/")).status, 200);
});

/** Each test has an extension of its own: a listener that drains keeps the last settings of one that worked. */
const extension = (name: string, spec: string) => `
apiVersion: extensions.istio.io/v1alpha1
kind: TrafficExtension
metadata: {name: ${name}, namespace: istio-system}
spec: ${spec}`;

test("a script and its edit leave open connections alone", async () => {
  const lua = (value: string) =>
    extension(
      "edited",
      `{lua: {inlineCode: "function envoy_on_response(h) h:headers():add('x-lua', '${value}') end"}}`,
    );
  await take(lua("one"));
  const open = connect({ host: ip, port: 9000 });
  await once(open, "connect");
  strictEqual((await get("/")).headers["x-lua"], "one");
  await take(lua("two"));
  strictEqual((await get("/")).headers["x-lua"], "two");
  open.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  match(String((await once(open, "data"))[0]), /^HTTP\/1\.1 200/);
  open.destroy();
});

test("a script that does not compile refuses its requests, and is told", async () => {
  await take();
  const refused = await taken(extension("broken", '{lua: {inlineCode: "this is no Lua"}}'));
  match(refused.join(), /extensions\.istio\.io\/trafficextension\/istio-system\.broken: .*script load error/);
  await answers(403);
});

const wasm = (
  name: string,
  file: string,
  more = "",
) => `${extension(name, `{wasm: {url: "file:///p.wasm", pluginConfig: {a: 1}${more}}}`)}
---
apiVersion: weft.dev/v1
kind: WasmModule
metadata: {name: "@file:///p.wasm", namespace: ""}
spec: {file: "${file}"}`;

test("a module that Envoy refuses: FAIL_CLOSE and FAIL_OPEN; a good one works after it", async () => {
  const bad = join(import.meta.dirname, "testdata/plugin.wat");
  const good = join(import.meta.dirname, "testdata/plugin.wasm");
  await take();
  match((await taken(wasm("closed", bad))).join(), /trafficextension\/istio-system\.closed: /);
  await answers(403);
  await take();
  match((await taken(wasm("open", bad, ", failStrategy: FAIL_OPEN"))).join(), /trafficextension\/istio-system\.open: /);
  await answers(200);
  await take(wasm("closed", good));
  strictEqual((await get("/")).headers["x-wasm"], '{"a":1}');
});
