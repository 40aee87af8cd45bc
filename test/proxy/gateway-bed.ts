import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";
import { withSecrets } from "./test-secrets.ts";

/** A real gateway at an address of its own, and `app.mesh` behind it, which answers with the headers that it got. */
export interface GatewayBed {
  readonly ip: string;
  readonly envoy: ServedEnvoy;
  /** A file of the certificates' directory: `ca.pem`, `NAME.pem`, `NAME-key.pem`. */
  file(name: string): string;
  /** Gives it the mesh of this YAML, and waits until it has taken all. */
  take(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** Certificates are made for `NAME.test`. */
export async function gatewayBed(
  names: readonly string[] = [],
  answer: RequestListener = (request, response) => response.end(JSON.stringify(request.headers)),
): Promise<GatewayBed> {
  const ip = ownAddress();
  const directory = mkdtempSync(join(tmpdir(), "gateway-bed-"));
  await makeCertificates(directory, Object.fromEntries(names.map((name) => [name, `DNS:${name}.test`])));
  // What a gateway lets through is not for the server to refuse.
  const app = createServer({ maxHeaderSize: 2 ** 20 }, answer).listen(0, "127.0.0.1");
  await once(app, "listening");
  const given = around(ip, (app.address() as AddressInfo).port);
  const envoy = await ServedEnvoy.start({ ip, kind: "router" });
  return {
    ip,
    envoy,
    file: (name) => join(directory, name),
    take: async (text) => deepStrictEqual(await envoy.take(withSecrets(directory, configOf(given, text))), []),
    async stop() {
      await envoy.stop();
      app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const around = (ip: string, port: number) => `
proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec: {hosts: ["*"], gateways: [istio-system/front], http: [{route: [{destination: {host: app.mesh}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: app}
spec:
  hosts: [app.mesh]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${port}}}]`;
