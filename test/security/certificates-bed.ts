import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { type Authority, type AuthorityOptions, openAuthority } from "../../src/ca/authority.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import type { MeshConfigSpec } from "../../src/gen/istio/mesh-config.ts";
import { secretsOf } from "../../src/main/secrets.ts";
import type { Identity } from "../../src/model/identity.ts";
import type { Log } from "../../src/std/log.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { configOf } from "../proxy/mesh.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";

export const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
export const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
export const random = { next: Math.random, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

export const identity = (serviceAccount: string, trustDomain = "cluster.local"): Identity => ({
  ...{ trustDomain, namespace: "default", serviceAccount },
});

/** A real authority in a folder. */
export function authorityIn(folder: string, more: Partial<AuthorityOptions> = {}): Promise<Authority> {
  const home = new PrivateFiles(folder, log);
  return openAuthority({ home, trustDomain: "cluster.local", clock, random, log, ...more });
}

/** What a client shows. */
export interface Shown {
  readonly chain: string;
  readonly key: { pem(): string };
}

/** Of all services. */
export const port = 8000;

/**
 * Two real sidecars with the certificates of a real authority: that of an application, in STRICT mTLS, and that of its caller, which is called by
 * its proxy port and makes a connection for each request.
 */
export class CertificatesBed {
  readonly ip = ownAddress(0);
  readonly #application = ownAddress(1);
  readonly #server: Server = createServer((_, response) => response.end("app"));
  readonly #caller = ownAddress(3);
  readonly #configs: readonly ProxyConfig[];
  readonly #secrets: ReturnType<typeof secretsOf>;
  #envoys: readonly ServedEnvoy[] = [];
  #takes: Promise<void> = Promise.resolve();

  /** What MeshConfig says of trust; told with the next `take`. */
  settings: MeshConfigSpec | undefined;

  private constructor(authority: Authority, more: string) {
    const places = [
      ["app", this.ip],
      ["caller", this.#caller],
    ] as const;
    this.#configs = places.map(([name, ip]) => configOf(this.#mesh(name, ip), more));
    this.#secrets = secretsOf({ authority, clock, random, log, settings: () => this.settings });
    this.#secrets.onChange(() => void this.take());
  }

  static async start(authority: Authority, more = ""): Promise<CertificatesBed> {
    const bed = new CertificatesBed(authority, more);
    await once(bed.#server.listen(port, bed.#application), "listening");
    bed.#envoys = [await ServedEnvoy.start({ ip: bed.ip }), await ServedEnvoy.start({ ip: bed.#caller })];
    await bed.#secrets.store.get(identity("default"));
    await bed.take();
    return bed;
  }

  /** Gives it the certificates of now; resolves when it has taken them. */
  take(): Promise<void> {
    this.#takes = this.#takes.then(async () => {
      const secrets = this.#secrets.of(identity("default"));
      if (secrets === undefined) return;
      const taken = this.#envoys.map((envoy, i) =>
        envoy.take(new Map([...(this.#configs[i] ?? []), [TYPE.secret, secrets]])),
      );
      deepStrictEqual((await Promise.all(taken)).flat(), []);
    });
    return this.#takes;
  }

  /** What the application's sidecar, or its caller's, says of itself. */
  stats(of: "app" | "caller", filter: string): Promise<string> {
    return (
      this.#envoys[of === "app" ? 0 : 1]?.admin(`/stats?filter=${encodeURIComponent(filter)}`) ?? Promise.resolve("")
    );
  }

  retry(): void {
    this.#secrets.store.retry();
  }

  /** One request of the caller: the status, or what went wrong. */
  call(name = "app"): Promise<number | string> {
    const headers = { host: `${name}.default.svc.cluster.local:${port}` };
    return new Promise((resolve) => {
      const asked = request({
        host: this.#caller,
        port: 15_002,
        path: `http://${headers.host}/`,
        headers,
        agent: false,
      });
      asked.on("response", async (response) => {
        const text = (await response.toArray()).join("");
        resolve(response.statusCode === 200 ? 200 : `${response.statusCode} ${text}`);
      });
      asked.on("error", (error) => resolve(error.message)).end();
    });
  }

  /** A TLS connection of another client that was answered; `undefined` where it was refused. */
  async connection({ chain, key }: Shown, more: ConnectionOptions = {}): Promise<TLSSocket | undefined> {
    const socket = connect({
      ...{ host: this.ip, port, cert: chain, key: key.pem(), rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] },
      servername: `outbound_.${port}_._.app.default.svc.cluster.local`,
      ...more,
    });
    const answered = new Promise<boolean>((resolve) => {
      for (const end of ["error", "close", "end"]) socket.on(end, () => resolve(false));
      socket.once("data", () => resolve(true));
    });
    // With TLS 1.3 a client hears of its refusal when it reads.
    socket.write(`GET / HTTP/1.1\r\nHost: app.default.svc.cluster.local:${port}\r\n\r\n`);
    if (await answered) return socket;
    socket.destroy();
    return undefined;
  }

  async admits(shown: Shown): Promise<boolean> {
    const socket = await this.connection(shown);
    socket?.destroy();
    return socket !== undefined;
  }

  async stop(): Promise<void> {
    this.#secrets.store.close();
    await this.#takes;
    for (const envoy of this.#envoys) await envoy.stop();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #mesh(name: string, ip: string): string {
    return `proxy: {name: ${name}, labels: {app: ${name}}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_APP_ADDRESS: "${this.#application}", WEFT_HTTP_PROXY_PORT: "15002"}}
---
apiVersion: v1
kind: Pod
metadata: {name: app, labels: {app: app, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: default}
status: {phase: Running, podIP: "${this.ip}", podIPs: [{ip: "${this.ip}"}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {clusterIP: None, ports: [{port: ${port}, name: http}], selector: {app: app}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: app}
spec: {host: app.default.svc.cluster.local, trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}}}
---
`;
  }
}
