import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { exchange, get, open, statuses, untilClosed } from "./raw-http.ts";

// How much a gateway takes of one client, and by which TLS.

let bed: GatewayBed;
const port = 8080;

beforeAll(async () => {
  bed = await gatewayBed(["cert"], async (request, response) => {
    const body = await buffer(request);
    response.end(JSON.stringify({ headers: Object.keys(request.headers).length, body: body.length }));
  });
});
afterAll(() => bed?.stop());

const server = `{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]}`;
const front = (servers: string, settings = "") => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [${servers}]}${settings === "" ? "" : `\n---\nmeshConfig: ${settings}`}`;

const target = () => ({ host: bed.ip, port });
const header = (bytes: number) => `x-long: ${"v".repeat(bytes)}\r\n`;
const headers = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: v\r\n`).join("");

describe("headers", () => {
  beforeAll(() => bed.take(front(server)));

  test.each([
    ["50 KiB", header(50_000), 200],
    ["61 KiB", header(62_000), 431],
    ["a mebibyte", header(1_000_000), 431],
    ["90 of them", headers(90), 200],
    ["101 of them", headers(101), 431],
  ])("%s", async (_, more, status) => {
    deepStrictEqual(statuses(await exchange(target(), get("/", more))), [status]);
  });

  test.each([
    ["50 KB", 50_000, [200]],
    ["70 KB", 70_000, [431]],
  ])("a path of %s", async (_, bytes, expected) => {
    deepStrictEqual(statuses(await exchange(target(), get(`/${"p".repeat(bytes)}`))), expected);
  });
});

describe("bodies", () => {
  beforeAll(() => bed.take(front(server)));

  test("of ten mebibytes pass, through buffers of 32 KiB", async () => {
    const bytes = Buffer.alloc(10 * 2 ** 20, 1);
    const asked = http.request({ ...target(), method: "POST", headers: { host: "x" }, agent: false });
    asked.end(bytes);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    strictEqual(JSON.parse((await buffer(response)).toString()).body, bytes.length);
  });
});

describe("time", () => {
  test("a client that does not finish its headers is let go of", async () => {
    const settings = "{defaultConfig: {connectionSettings: {httpRequestHeadersTimeout: 0.2s}}}";
    await bed.take(front(server, settings));
    deepStrictEqual(statuses(await untilClosed(target(), "GET / HTTP/1.1\r\nHost: app\r\nX-Slow: ")), [408]);
  });

  test("an answer that is silent is not", async () => {
    await bed.take(front(server));
    const socket = open(target());
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk;
    });
    socket.write("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\na");
    const stats = await bed.envoy.admin("/config_dump?resource=dynamic_listeners");
    expect(stats).toMatch(/"stream_idle_timeout": "0s"/);
    socket.write("b");
    await expect.poll(() => heard).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });
});

describe("TLS", () => {
  const https = (more: string) =>
    front(
      `{port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: shop${more}}}`,
    );

  /** The version and cipher that come about, or undefined. */
  function agreed(options: object): Promise<readonly [string | null, string] | undefined> {
    return new Promise((resolve) => {
      const socket = connect({
        host: bed.ip,
        port: 8443,
        servername: "shop.test",
        rejectUnauthorized: false,
        ...options,
      });
      socket.on("secureConnect", () => {
        resolve([socket.getProtocol(), socket.getCipher().name]);
        socket.destroy();
      });
      socket.on("error", () => resolve(undefined));
    });
  }

  const only = (version: string) => ({ minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" });

  test.each([
    ["TLSv1", undefined],
    ["TLSv1.1", undefined],
    ["TLSv1.2", "TLSv1.2"],
    ["TLSv1.3", "TLSv1.3"],
  ])("%s by default", async (version, expected) => {
    await bed.take(https(""));
    strictEqual((await agreed(only(version)))?.[0], expected);
  });

  test("what a server asks for holds, above the floor of the mesh too", async () => {
    await bed.take(https(", minProtocolVersion: TLSV1_3"));
    deepStrictEqual([await agreed(only("TLSv1.2")), (await agreed(only("TLSv1.3")))?.[0]], [undefined, "TLSv1.3"]);
    await bed.take(`${https("")}\n---\nmeshConfig: {tlsDefaults: {minProtocolVersion: TLSV1_3}}`);
    deepStrictEqual([await agreed(only("TLSv1.2")), (await agreed(only("TLSv1.3")))?.[0]], [undefined, "TLSv1.3"]);
  });

  test.each(["RC4-SHA", "DES-CBC3-SHA", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "NULL-SHA", "ADH-AES128-SHA"])(
    "no %s",
    async (cipher) => {
      await bed.take(https(""));
      strictEqual(
        await agreed({ maxVersion: "TLSv1.2", ciphers: `${cipher}:@SECLEVEL=0` }).catch(() => undefined),
        undefined,
      );
    },
  );

  test("no other cipher than a server names", async () => {
    await bed.take(https(", cipherSuites: [ECDHE-ECDSA-AES256-GCM-SHA384]"));
    const ask = (ciphers: string) => agreed({ maxVersion: "TLSv1.2", ciphers });
    deepStrictEqual(
      [await ask("ECDHE-ECDSA-AES128-GCM-SHA256"), (await ask("ECDHE-ECDSA-AES256-GCM-SHA384"))?.[1]],
      [undefined, "ECDHE-ECDSA-AES256-GCM-SHA384"],
    );
  });
});
