import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type http from "node:http";
import https from "node:https";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type EnvoyProcess, startEnvoy } from "../route/envoy-process.ts";
import { type Answer, call } from "../route/upstream.ts";
import { type GatewayBed, gatewayBed } from "./gateway-bed.ts";

// A real gateway that is asked by HTTP/3. The client is an Envoy too: what comes to its ports goes on by QUIC.

let bed: GatewayBed;
let client: EnvoyProcess;

const gateway = () => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system, annotations: {weft.dev/http3: "true"}}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 8443, name: shop, protocol: HTTPS}
    hosts: [shop.test]
    tls: {mode: SIMPLE, serverCertificate: ${bed.file("shop.pem")}, privateKey: ${bed.file("shop-key.pem")}}
  - port: {number: 8443, name: bank, protocol: HTTPS}
    hosts: [bank.test]
    tls: {mode: MUTUAL, serverCertificate: ${bed.file("bank.pem")}, privateKey: ${bed.file("bank-key.pem")}, caCertificates: ${bed.file("ca.pem")}}`;

const envoy = (name: string) => `type.googleapis.com/envoy.${name}`;

/** Listener `name`, which asks the gateway by HTTP/3 for a server name; with a certificate of its own where one is named. */
function throughQuic(name: string, sni: string, shows?: string) {
  const own = {
    certificateChain: { filename: bed.file(`${shows}.pem`) },
    privateKey: { filename: bed.file(`${shows}-key.pem`) },
  };
  const commonTlsContext = {
    validationContext: { trustedCa: { filename: bed.file("ca.pem") } },
    ...(shows === undefined ? {} : { tlsCertificates: [own] }),
  };
  const address = (host: string, portValue: number, protocol: string) => ({
    socketAddress: { protocol, address: host, portValue },
  });
  const routes = [{ match: { prefix: "/" }, route: { cluster: name } }];
  const manager = {
    "@type": envoy("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
    statPrefix: name,
    routeConfig: { virtualHosts: [{ name, domains: ["*"], routes }] },
    httpFilters: [{ name: "router", typedConfig: { "@type": envoy("extensions.filters.http.router.v3.Router") } }],
  };
  return {
    listener: {
      name,
      address: address("127.0.0.1", 0, "TCP"),
      filterChains: [{ filters: [{ name: "http", typedConfig: manager }] }],
    },
    cluster: {
      name,
      loadAssignment: {
        clusterName: name,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: address(bed.ip, 8443, "UDP") } }] }],
      },
      typedExtensionProtocolOptions: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": envoy("extensions.upstreams.http.v3.HttpProtocolOptions"),
          explicitHttpConfig: { http3ProtocolOptions: {} },
        },
      },
      transportSocket: {
        name: "envoy.transport_sockets.quic",
        typedConfig: {
          "@type": envoy("extensions.transport_sockets.quic.v3.QuicUpstreamTransport"),
          upstreamTlsContext: { sni, commonTlsContext },
        },
      },
    },
  };
}

beforeAll(async () => {
  bed = await gatewayBed(["shop", "bank", "friend"]);
  await bed.take(gateway());
  const ways = [
    throughQuic("shop", "shop.test"),
    throughQuic("bank", "bank.test", "friend"),
    throughQuic("nobody", "bank.test"),
  ];
  client = await startEnvoy({
    listeners: ways.map((w) => w.listener),
    clusters: ways.map((w) => w.cluster),
  } as unknown as JsonObject);
});

afterAll(async () => {
  await client?.stop();
  await bed?.stop();
});

const ask = (way: string, host: string): Promise<Answer> => call(client.port(way), `${host}/`);

describe("HTTP/3", () => {
  test("is answered like HTTP/2, and says where it is found", async () => {
    const answer = await ask("shop", "shop.test");
    deepStrictEqual([answer.status, answer.headers["alt-svc"]], [200, 'h3=":8443"; ma=86400']);
    strictEqual((JSON.parse(answer.body.toString()) as http.IncomingHttpHeaders)["x-forwarded-proto"], "https");
  });

  test("TCP tells of it", async () => {
    const ca = readFileSync(bed.file("ca.pem"));
    const asked = https.get({
      host: bed.ip,
      port: 8443,
      ca,
      servername: "shop.test",
      headers: { host: "shop.test" },
      agent: false,
    });
    const [response] = (await once(asked, "response")) as [http.IncomingMessage];
    response.resume();
    deepStrictEqual([response.statusCode, response.headers["alt-svc"]], [200, 'h3=":8443"; ma=86400']);
  });

  test("a client's certificate is verified", async () => {
    const answer = await ask("bank", "bank.test");
    strictEqual(answer.status, 200);
    match(answer.body.toString(), /DNS=friend\.test|CN=friend/);
    strictEqual((await ask("nobody", "bank.test")).status, 503);
  });

  test("a request for another connection's host is misdirected", async () => {
    strictEqual((await ask("shop", "bank.test")).status, 421);
  });
});
