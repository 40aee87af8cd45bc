import { afterAll, beforeAll, expect, test } from "vitest";
import type { Authority } from "../ca/authority.ts";
import { newFolder, open, recordingLog } from "../ca/ca.fixture.ts";
import { apply, empty } from "../model/snapshot.ts";
import { createXdsServer, type XdsServer } from "../xds/server.ts";
import { authenticator } from "./authentication.ts";
import { systemClock as clock } from "./clock.ts";
import { askHeld, type HeldAt, heldMethod, heldWithGenerations, replicaAddresses, together } from "./peers.ts";
import { podTargets } from "./pod-targets.ts";
import { systemRandom as random } from "./random.ts";
import { type Renewal, serverCertificate } from "./server-certificate.ts";

const log = recordingLog();
const here: HeldAt = new Map([["VirtualService shop/cart", { generation: 3, total: 2, acked: 1 }]]);
let authority: Authority;
let certificate: Renewal;
let server: XdsServer<unknown>;
let url: string;

beforeAll(async () => {
  authority = await open(newFolder(), clock);
  certificate = await serverCertificate(authority, { dns: [], ips: [] }, { clock, random, log });
  const authenticate = authenticator({ verify: async () => ({ refused: "no token is good" }) }, clock);
  const unary = new Map([heldMethod(authenticate, () => here)]);
  server = createXdsServer({ clock, log, authenticate, unary, open: () => undefined });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls: certificate.first });
  url = `https://127.0.0.1:${port}`;
});
afterAll(async () => {
  certificate.stop();
  await server.close();
});

test("a replica tells another what its proxies hold", async () => {
  expect(await askHeld(url, certificate.first)).toEqual(here);
});

test("nobody else is told: neither a workload of the mesh nor a control plane of another", async () => {
  const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "cart" };
  const workload = await authority.issue(identity);
  const { ca } = certificate.first;
  await expect(askHeld(url, { key: workload.key.pem(), cert: workload.chain, ca })).rejects.toThrow(
    "without an answer",
  );
  const foreign = await open(newFolder(), clock);
  const other = await serverCertificate(foreign, { dns: [], ips: [] }, { clock, random, log });
  other.stop();
  await expect(askHeld(url, { ...other.first, ca })).rejects.toThrow("without an answer");
  await expect(askHeld(url, other.first)).rejects.toThrow(/certificate/);
  await expect(askHeld("https://127.0.0.1:1", certificate.first)).rejects.toThrow("ECONNREFUSED");
});

test("counts are summed; who does not know the newest generation has not taken it", () => {
  const at = (held: object) => new Map([["a", { generation: 2, total: 1, acked: 1, ...held }]]) as HeldAt;
  const refused = { resource: "lds x", error: "bad", proxies: 1 };
  expect(together(at({}), [at({ total: 3 }), at({ generation: 1, total: 2, acked: 2 })]).get("a")).toMatchObject({
    ...{ total: 6, acked: 2 },
  });
  expect(together(at({}), [at({ refused }), at({ refused })]).get("a")).toMatchObject({
    refused: { error: "bad", proxies: 2 },
  });
  expect(together(new Map(), [at({})]).get("a")).toMatchObject({ total: 1, acked: 1 });
});

const object = (type: string, namespace: string, name: string, more: object = {}) => ({
  put: {
    ...{ type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 5, spec: {} },
    origin: {
      file: "",
      line: 0,
      column: 0,
      at: `${type} ${namespace}/${name}`,
      locate: () => ({ file: "", line: 0, column: 0 }),
    },
    ...more,
  },
});

test("replicas are found by the slices of their Services, proxies by what the injector wrote on their Pods", () => {
  const slice = (name: string, service: string, address: string) =>
    object("EndpointSlice.discovery.k8s.io", "istio-system", name, {
      labels: { "kubernetes.io/service-name": service },
      data: { endpoints: [{ addresses: [address] }] },
    });
  const running = { phase: "Running", podIP: "10.0.0.9" };
  const snapshot = apply(empty, [
    object("Service", "istio-system", "weft", { labels: { app: "weft" } }),
    object("Service", "istio-system", "gateway"),
    slice("weft-1", "weft", "10.0.0.1"),
    slice("weft-2", "weft", "10.0.0.2"),
    slice("gateway-1", "gateway", "10.0.0.3"),
    object("Pod", "shop", "cart-0", { annotations: { "sidecar.istio.io/status": "{}" }, status: running }),
    object("Pod", "shop", "plain-0", { status: running }),
    object("VirtualService.networking.istio.io", "shop", "cart"),
  ]);
  expect(replicaAddresses({ snapshot }, "istio-system", new Set(["10.0.0.1"]))).toEqual(["10.0.0.2"]);
  expect(podTargets(snapshot)).toEqual([
    { proxyId: "cart-0.shop", pod: "cart-0", namespace: "shop", address: "10.0.0.9" },
  ]);
  const held = new Map([["VirtualService.networking.istio.io shop/cart", { total: 1, acked: 1 }]]);
  expect([...heldWithGenerations(held, snapshot).values()]).toEqual([{ generation: 5, total: 1, acked: 1 }]);
});
