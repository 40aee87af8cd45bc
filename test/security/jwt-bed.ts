import { deepStrictEqual } from "node:assert";
import { createHmac, createPrivateKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type JWK } from "jose";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { configOf } from "../proxy/mesh.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";

/** Both halves of a key of an issuer. */
export interface IssuerKey {
  readonly private: KeyObject;
  /** With `kid`. */
  readonly jwk: JWK;
  /** PEM. */
  readonly spki: string;
}

export async function issuerKey(alg: string, kid: string): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const pem = await exportPKCS8(privateKey);
  const jwk = { ...(await exportJWK(publicKey)), kid };
  return { private: createPrivateKey(pem), jwk, spki: await exportSPKI(publicKey) };
}

export const base64url = (value: string | object) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token of any header and payload (texts are taken as they are), with what `by` makes of them: nobody, a secret, or a key. */
export function token(
  header: string | object,
  payload: string | object,
  by: IssuerKey | { readonly secret: string | Buffer } | "nobody",
): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  if (by === "nobody") return `${signed}.`;
  if ("secret" in by) return `${signed}.${createHmac("sha256", by.secret).update(signed).digest("base64url")}`;
  const ieee = { key: by.private, dsaEncoding: "ieee-p1363" } as const;
  const hash = by.private.asymmetricKeyType === "ed25519" ? null : "sha256";
  return `${signed}.${sign(hash, Buffer.from(signed), ieee).toString("base64url")}`;
}

export interface Answer {
  readonly status: number;
  /** What the application behind saw; absent where it was not asked. */
  readonly saw?: IncomingHttpHeaders;
}

/** A real gateway with objects of a test, before an application that answers what it saw. Its host names are the application's. */
export class JwtBed {
  readonly #ip = ownAddress();
  readonly #application = http.createServer((request, response) => response.end(JSON.stringify(request.headers)));
  #envoy: ServedEnvoy | undefined;
  #sent: ProxyConfig = new Map();

  static async start(objects: string): Promise<JwtBed> {
    const bed = new JwtBed();
    await once(bed.#application.listen(0, "127.0.0.1"), "listening");
    bed.#envoy = await ServedEnvoy.start({ ip: bed.#ip });
    deepStrictEqual(await bed.#envoy.take(bed.#config(objects), { asks: true }), []);
    return bed;
  }

  /** Other objects in place of those before; answers which types of resources were sent anew. */
  async change(objects: string): Promise<readonly string[]> {
    const [before, now] = [this.#sent, this.#config(objects)];
    deepStrictEqual(await this.#envoy?.take(now, { asks: true }), []);
    return [...now].flatMap(([type, { resources }]) => {
      const versions = (of: typeof resources | undefined) =>
        [...(of ?? [])].map(([name, { version }]) => [name, version]);
      return isDeepStrictEqual(versions(resources), versions(before.get(type)?.resources)) ? [] : [type];
    });
  }

  #config(objects: string): ProxyConfig {
    const { port } = this.#application.address() as AddressInfo;
    this.#sent = configOf(
      `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}, ips: ["${this.#ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: app}
spec: {hosts: [app.mesh], resolution: STATIC, ports: [{number: 80, name: main, protocol: HTTP}], endpoints: [{address: 127.0.0.1, ports: {main: ${port}}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec: {hosts: ["*"], gateways: [istio-system/front], http: [{route: [{destination: {host: app.mesh}}]}]}
---
${objects}`,
    );
    return this.#sent;
  }

  /** A request as it is said, and who saw it. A closed connection is status 0. */
  async ask(path: string, headers: Readonly<Record<string, string | string[]>> = {}, method = "GET"): Promise<Answer> {
    const asked = http.request({ host: this.#ip, port: 8080, path, method, headers, agent: false }).end();
    try {
      const [response] = (await once(asked, "response")) as [http.IncomingMessage];
      const body = await text(response);
      const status = response.statusCode ?? 0;
      return { status, ...(status === 200 ? { saw: JSON.parse(body) as IncomingHttpHeaders } : {}) };
    } catch {
      return { status: 0 };
    }
  }

  async stop(): Promise<void> {
    await this.#envoy?.stop();
    this.#application.close();
  }
}

/** Bytes that nobody could guess. */
export const noise = (bytes: number) => randomBytes(bytes).toString("base64url");
