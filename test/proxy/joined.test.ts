import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { authenticator } from "../../src/main/authentication.ts";
import { systemClock as clock } from "../../src/main/clock.ts";
import { configSources } from "../../src/main/config-sources.ts";
import { type ControlPlane, createControlPlane } from "../../src/main/control-plane.ts";
import { type Identities, openIdentities } from "../../src/main/identity-authority.ts";
import { systemRandom as random } from "../../src/main/random.ts";
import { countersAt } from "../../src/main/rate-limits.ts";
import { secretsOf } from "../../src/main/secrets.ts";
import { type Renewal, serverCertificate } from "../../src/main/server-certificate.ts";
import type { Identity } from "../../src/model/identity.ts";
import type { Log } from "../../src/std/log.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { openDelta } from "../e2e/delta-client.ts";
import { freePort } from "../xds/mesh.ts";
import { type RunningProxy, startProxy } from "../xds/proxy.ts";
import { ownAddress } from "./own-address.ts";

// A whole control plane and two real Envoys: a gateway, and a machine whose sidecar joins a WorkloadGroup. Calls go by mTLS from one to the other.

const trustDomain = "cluster.local";
const directory = mkdtempSync(join(tmpdir(), "joined-"));
const [vmIp, applicationIp, gatewayIp] = [ownAddress(0), ownAddress(1), ownAddress(2)];
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

let plane: ControlPlane;
let identities: Identities;
let certificate: Renewal;
let application: Server;
let xdsPort: number;
let gatewayPort: number;
const running: RunningProxy[] = [];
let well = false;

const mesh = (port: number, gateway: number) => `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: vms, namespace: shop}
spec:
  metadata: {labels: {app: stock}}
  template: {serviceAccount: vm, ports: {http: ${port}}}
  probe: {httpGet: {port: ${port}, host: ${applicationIp}, path: /ready}, periodSeconds: 1, failureThreshold: 1}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stock, namespace: shop}
spec:
  hosts: [stock.shop]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, targetPort: ${port}, name: http, protocol: HTTP}]
  workloadSelector: {labels: {app: stock}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec: {selector: {app: front}, servers: [{port: {number: ${gateway}, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all, namespace: shop}
spec: {hosts: ["*"], gateways: [front], http: [{retries: {attempts: 0}, route: [{destination: {host: stock.shop}}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;

beforeAll(async () => {
  application = createServer((request, response) => {
    response.statusCode = well || request.url !== "/ready" ? 200 : 503;
    response.end(`stock of ${request.headers["x-forwarded-client-cert"] ?? "nobody"}`);
  });
  const [port, xds, gateway] = [await freePort(), await freePort(), await freePort()];
  [xdsPort, gatewayPort] = [xds, gateway];
  await new Promise<void>((resolve) => application.listen(port, applicationIp, resolve));
  writeFileSync(join(directory, "mesh.yaml"), mesh(port, gateway));
  const stateDir = mkdtempSync(join(tmpdir(), "joined-state-"));
  identities = await openIdentities(stateDir, trustDomain, { clock, random, log });
  const { authority } = identities;
  plane = createControlPlane({
    ...{ clock, log, trustDomain, authority },
    sources: configSources({ folders: [directory], stateDir, gateway: false }, clock),
    secrets: secretsOf({ authority, clock, random, log }),
    counters: countersAt(undefined, clock, log),
    authenticate: authenticator(identities.tokens, clock),
  });
  await plane.start();
  const names = { dns: [], ips: ["127.0.0.1"] };
  certificate = await serverCertificate(identities.authority, names, { clock, random, log });
  await plane.listen({ host: "127.0.0.1", port: xdsPort, tls: certificate.first });
  await connect(`router~${gatewayIp}~front.shop~shop.svc.cluster.local`, "front", {
    ...{ LABELS: { app: "front" }, INSTANCE_IPS: gatewayIp },
  });
});

afterAll(async () => {
  certificate?.stop();
  for (const proxy of running) await proxy.stop();
  await plane?.stop();
  application?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A real Envoy with a token of a ServiceAccount of shop. */
async function connect(id: string, serviceAccount: string, more: Readonly<Record<string, unknown>>) {
  const identity: Identity = { trustDomain, namespace: "shop", serviceAccount };
  const token = await identities.tokens.issue({ identity, pod: id.split("~")[2]?.split(".")[0] ?? "" });
  const root = identities.authority.roots.join("");
  const metadata = { NAMESPACE: "shop", WEFT_MODE: "loopback", INTERCEPTION_MODE: "NONE", ...more };
  const proxy = startProxy(id, xdsPort, await freePort(), { token: `Bearer ${token}`, root }, metadata);
  running.push(proxy);
  return proxy;
}

const machine = (serviceAccount: string) =>
  connect(`sidecar~${vmIp}~vm.shop~shop.svc.cluster.local`, serviceAccount, {
    ...{ INSTANCE_IPS: vmIp, WEFT_APP_ADDRESS: applicationIp, WEFT_HTTP_PROXY_PORT: 15001 },
    ...{ AUTO_REGISTER_GROUP: "vms", LABELS: { "security.istio.io/tlsMode": "istio" } },
  });

async function ask(): Promise<readonly [number, string]> {
  const response = await fetch(`http://${gatewayIp}:${gatewayPort}/`, { headers: { connection: "close" } }).catch(
    () => undefined,
  );
  return [response?.status ?? 0, (await response?.text()) ?? ""];
}

const answers = (status: number, words: string) =>
  vi.waitFor(async () => expect(await ask()).toEqual([status, expect.stringContaining(words)]), {
    timeout: 60_000,
    interval: 50,
  });

test("a proxy joins, gets traffic while it is healthy, and leaves", { timeout: 240_000 }, async () => {
  await answers(503, "no healthy upstream");
  const thief = await machine("thief");
  await vi.waitFor(
    () =>
      expect(plane.discovery.diagnostics().map((d) => d.message)).toEqual([
        expect.stringMatching(/sa\/thief, not .*sa\/vm$/),
      ]),
    { timeout: 60_000 },
  );
  await thief.stop();
  const vm = await machine("vm");
  await vi.waitFor(
    () =>
      expect(plane.discovery.snapshot.objects.get("WorkloadEntry.networking.istio.io")?.get("shop")).toMatchObject([
        { name: `vms-${vmIp}`, status: { conditions: [{ status: "False" }] } },
      ]),
    { timeout: 60_000 },
  );
  await answers(503, "no healthy upstream");
  well = true;
  await answers(200, "URI=spiffe://cluster.local/ns/shop/sa/front");
  well = false;
  await answers(503, "no healthy upstream");
  well = true;
  await answers(200, "stock of");
  await vm.stop();
  await vi.waitFor(
    () =>
      expect(plane.discovery.snapshot.objects.get("WorkloadEntry.networking.istio.io")?.get("shop")).toBeUndefined(),
    { timeout: 60_000 },
  );
  await answers(503, "no healthy upstream");
});

test("already the first answer to a proxy has what is for its workload's labels", async () => {
  const identity: Identity = { trustDomain, namespace: "shop", serviceAccount: "vm" };
  const node = {
    id: `sidecar~${ownAddress(3)}~other.shop~shop.svc.cluster.local`,
    metadata: { NAMESPACE: "shop", AUTO_REGISTER_GROUP: "vms" },
  };
  const client = openDelta({
    ...{ url: `https://127.0.0.1:${xdsPort}`, ca: identities.authority.roots.join(""), node },
    token: await identities.tokens.issue({ identity, pod: "other" }),
  });
  const { resources } = await client.ask(TYPE.cluster);
  client.close();
  expect(resources.map((r) => r.name)).toContainEqual(expect.stringMatching(/^inbound\|/));
});
