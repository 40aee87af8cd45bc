import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http, { type IncomingHttpHeaders } from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import tls, { type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, test } from "vitest";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";
import { withSecrets } from "./test-secrets.ts";

// One real gateway and applications behind it. Its certificates are Secrets that come to it by SDS.

const ip = ownAddress();
const directory = mkdtempSync(join(tmpdir(), "gateway-"));
const other = mkdtempSync(join(tmpdir(), "gateway-other-"));
const pem = (name: string) => readFileSync(join(directory, name));
const base64 = (name: string) => pem(name).toString("base64");
const running: Server[] = [];
const ports: Record<string, number> = {};
let envoy: ServedEnvoy;

const proxy = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}`;

const service = (name: string, protocol: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec:
  hosts: [${name}.mesh]
  resolution: STATIC
  ports: [{number: 80, name: main, protocol: ${protocol}}]
  endpoints: [{address: 127.0.0.1, ports: {main: ${ports[name]}}}]`;

const secret = (name: string, type: string, data: Readonly<Record<string, string>>) => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: istio-system}
type: ${type}
data: ${JSON.stringify(data)}`;

const servers = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 8080, name: http, protocol: HTTP}, hosts: [shop.test], tls: {httpsRedirect: true}}
  - {port: {number: 8443, name: shop, protocol: HTTPS}, hosts: [shop.test], tls: {mode: SIMPLE, credentialName: shop}}
  - {port: {number: 8443, name: bank, protocol: HTTPS}, hosts: [bank.test], tls: {mode: SIMPLE, credentialName: bank}}
  - {port: {number: 8443, name: gone, protocol: HTTPS}, hosts: [gone.test], tls: {mode: SIMPLE, credentialName: gone}}
  - {port: {number: 8444, name: mutual, protocol: HTTPS}, hosts: ["*"], tls: {mode: MUTUAL, credentialName: shop}}
  - {port: {number: 8445, name: split, protocol: HTTPS}, hosts: ["*"], tls: {mode: MUTUAL, credentialName: bank}}
  - {port: {number: 9443, name: pass, protocol: TLS}, hosts: ["*.test"], tls: {mode: PASSTHROUGH}}
  - {port: {number: 9444, name: ended, protocol: TLS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: shop}}
  - {port: {number: 3306, name: tcp, protocol: TCP}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: ["*"]
  gateways: [istio-system/front]
  http: [{route: [{destination: {host: app.mesh}}]}]
  tcp: [{match: [{port: 3306}], route: [{destination: {host: echo.mesh}}]}, {match: [{port: 9444}], route: [{destination: {host: echo.mesh}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: pass}
spec:
  hosts: [own.test, api.test]
  gateways: [istio-system/front]
  tls:
  - {match: [{port: 9443, sniHosts: [own.test]}], route: [{destination: {host: own.mesh}}]}
  - {match: [{port: 9443, sniHosts: [api.test]}], route: [{destination: {host: api.mesh}}]}`;

const mesh = (shop = "shop") =>
  [
    servers,
    ...[service("app", "HTTP"), service("echo", "TCP"), service("own", "TLS"), service("api", "TLS")],
    secret("shop", "kubernetes.io/tls", {
      "tls.crt": base64(`${shop}.pem`),
      "tls.key": base64(`${shop}-key.pem`),
      "ca.crt": base64("ca.pem"),
    }),
    secret("bank", "Opaque", { cert: base64("bank.pem"), key: base64("bank-key.pem") }),
    secret("bank-cacert", "Opaque", { cacert: base64("ca.pem") }),
  ].join("\n---");

const take = async (text: string) =>
  deepStrictEqual(await envoy.take(withSecrets(directory, configOf(proxy, text))), []);

async function listening(name: string, server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = (server.address() as AddressInfo).port;
  running.push(server);
}

beforeAll(async () => {
  const names = ["shop", "renewed", "bank", "own", "api", "client"];
  await makeCertificates(directory, Object.fromEntries(names.map((n) => [n, `DNS:${n}.test`])));
  await makeCertificates(other, { client: "DNS:client.test" });
  const app = http.createServer((request, response) => response.end(JSON.stringify(request.headers)));
  await listening("app", app);
  await listening(
    "echo",
    createServer((socket) => socket.on("error", () => {}).pipe(socket)),
  );
  for (const name of ["own", "api"]) {
    const server = tls.createServer({ cert: pem(`${name}.pem`), key: pem(`${name}-key.pem`) }, (socket) =>
      socket.on("error", () => {}).end(name),
    );
    await listening(
      name,
      server.on("tlsClientError", () => {}),
    );
  }
  envoy = await ServedEnvoy.start({ ip });
  await take(mesh());
});

afterAll(async () => {
  await envoy?.stop();
  for (const server of running) server.close();
  for (const made of [directory, other]) rmSync(made, { recursive: true, force: true });
});

interface Call {
  readonly port: number;
  readonly sni?: string;
  readonly host?: string;
  /** Directory of the certificate that it shows. */
  readonly shows?: string;
}

const options = ({ port, sni = "shop.test", shows }: Call) => ({
  ...{ host: ip, port, ca: pem("ca.pem"), servername: sni, checkServerIdentity: () => undefined },
  ...(shows ? { cert: readFileSync(join(shows, "client.pem")), key: readFileSync(join(shows, "client-key.pem")) } : {}),
});

/** Status, the headers that the application got, and the name in the gateway's certificate; or the code of the error. */
async function get(
  call: Call,
): Promise<{ status?: number; headers?: IncomingHttpHeaders; from?: string; error?: string }> {
  const { host = call.sni ?? "shop.test" } = call;
  const asked = https.get({
    ...options(call),
    headers: { host, "x-forwarded-client-cert": "By=forged" },
    agent: false,
  });
  try {
    const [response] = (await once(asked, "response")) as [http.IncomingMessage];
    const from = String((response.socket as TLSSocket).getPeerCertificate().subject.CN);
    const body = await text(response);
    return { status: response.statusCode ?? 0, from, headers: response.statusCode === 200 ? JSON.parse(body) : {} };
  } catch (error) {
    return { error: String((error as NodeJS.ErrnoException).code) };
  }
}

/** What comes back on a connection; `sent` goes out first. */
async function bytes(socket: ReturnType<typeof connect>, sent = ""): Promise<string> {
  if (sent !== "") socket.end(sent);
  return text(socket).catch((error: NodeJS.ErrnoException) => `error ${error.code}`);
}

describe("HTTPS with a credential", () => {
  test("each host shows its own certificate: of a kubernetes.io/tls Secret, and of a generic one", async () => {
    const [shop, bank] = [await get({ port: 8443 }), await get({ port: 8443, sni: "bank.test" })];
    deepStrictEqual([shop.status, shop.from], [200, "shop"]);
    deepStrictEqual([bank.status, bank.from], [200, "bank"]);
    strictEqual(shop.headers?.["x-forwarded-proto"], "https");
  });

  test("a name that no server has, and one whose Secret is not there, get no handshake", async () => {
    for (const sni of ["nobody.test", "gone.test"])
      notStrictEqual((await get({ port: 8443, sni })).error, undefined, sni);
  });

  test("a Secret that comes later is shown then", async () => {
    const later = { cert: base64("own.pem"), key: base64("own-key.pem") };
    await take(`${mesh()}\n---${secret("gone", "Opaque", later)}`);
    deepStrictEqual((await get({ port: 8443, sni: "gone.test" })).from, "own");
    await take(mesh());
  });

  test("a connection to one host does not reach another's routes: it is misdirected, and a host that nobody serves is not there", async () => {
    strictEqual((await get({ port: 8443, host: "bank.test" })).status, 421);
    strictEqual((await get({ port: 8443, host: "nobody.test" })).status, 404);
  });

  test("nobody says by a header which certificate was shown", async () => {
    strictEqual((await get({ port: 8443 })).headers?.["x-forwarded-client-cert"], undefined);
  });

  test("HTTP/2 where the client offers it", async () => {
    const session = http2.connect(`https://${ip}:8443`, options({ port: 8443 }));
    const stream = session.request({ ":path": "/", ":authority": "shop.test" });
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    stream.resume();
    strictEqual(headers[":status"], 200);
    session.destroy();
  });

  test("a renewed Secret is shown to the next connection; the one that is open goes on", async () => {
    const open = connect({ host: ip, port: 3306 });
    open.write("a");
    await once(open, "data");
    await take(mesh("renewed"));
    strictEqual((await get({ port: 8443 })).from, "renewed");
    open.write("b");
    strictEqual(String((await once(open, "data"))[0]), "b");
    open.destroy();
    await take(mesh());
  });
});

describe("MUTUAL", () => {
  test.each([
    ["ca.crt of the same Secret", 8444],
    ["cacert of a Secret beside it", 8445],
  ])("%s verifies who calls", async (_, port) => {
    const { status, headers } = await get({ port, shows: directory });
    strictEqual(status, 200);
    match(String(headers?.["x-forwarded-client-cert"]), /DNS=client\.test|Subject="CN=client"/);
    strictEqual(String(headers?.["x-forwarded-client-cert"]).includes("forged"), false);
    notStrictEqual((await get({ port })).error, undefined);
    notStrictEqual((await get({ port, shows: other })).error, undefined);
  });
});

test("httpsRedirect answers 301 with the same host and path", async () => {
  const asked = http.get({ host: ip, port: 8080, path: "/a?b=c", headers: { host: "shop.test" }, agent: false });
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  response.resume();
  deepStrictEqual([response.statusCode, response.headers.location], [301, "https://shop.test/a?b=c"]);
});

describe("TLS", () => {
  test("that passes reaches the application that its server name says, which shows its own certificate", async () => {
    for (const name of ["own", "api"]) {
      const socket = tls.connect({ host: ip, port: 9443, ca: pem("ca.pem"), servername: `${name}.test` });
      strictEqual(await bytes(socket), name);
    }
    const socket = tls.connect({ host: ip, port: 9443, ca: pem("ca.pem"), servername: "none.test" });
    match(await bytes(socket), /^error /);
  });

  test("that ends at the gateway carries bytes", async () => {
    strictEqual(await bytes(tls.connect(options({ port: 9444 })), "hello"), "hello");
  });
});

test("TCP carries bytes", async () => {
  strictEqual(await bytes(connect({ host: ip, port: 3306 }), "hello"), "hello");
});
