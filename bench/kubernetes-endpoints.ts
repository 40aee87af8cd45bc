import { request } from "node:https";
import { kubernetesClient } from "../src/kubernetes/client.ts";
import { TYPE } from "../src/xds/type-url.ts";
import { openDelta } from "../test/e2e/delta-client.ts";
import { account, apply, namespace, pod, tokenOf } from "../test/kubernetes/api/plane-kit.ts";
import { ownApiServer } from "../test/kubernetes/api-server.ts";
import { rootOf, startControlPlane } from "../test/kubernetes/control-plane.ts";

// One Service's endpoints are changed in a real API server: milliseconds from the request to the first and to the last of 50 sidecars that have them.
// Then the validation webhook: milliseconds of a review of a VirtualService, one after the other.
const [services, sidecars, changes, reviews] = [Number(process.argv[2] ?? 200), 50, 30, 500];
const address = "127.0.0.1";
const api = await ownApiServer();
const client = kubernetesClient(api.config());
const slices = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";

await apply(api, namespace("istio-system"), namespace("shop"));
await apply(
  api,
  account("cart"),
  pod("cart-0", "cart"),
  ...Array.from({ length: services }, (_, i) => objects(i)).flat(),
);
const plane = startControlPlane({ api, address });
await plane.isReady();
const root = await rootOf(api);
const token = await tokenOf(api, "cart");
const cluster = "outbound|80||svc-7.shop.svc.cluster.local";
let heard = (_at: number) => {};
const proxies = await Promise.all(
  Array.from({ length: sidecars }, async () => {
    const one = openDelta({
      ...{ url: `https://${address}:15012`, ca: root, token },
      node: { id: "sidecar~10.0.0.1~cart-0.shop~shop.svc.cluster.local", metadata: { NAMESPACE: "shop" } },
      onAnswer: (type) => type === TYPE.endpoint && heard(performance.now()),
    });
    await one.ask(TYPE.cluster);
    await one.ask(TYPE.endpoint, [cluster]);
    return one;
  }),
);

const firsts: number[] = [];
const lasts: number[] = [];
for (let change = 0; change < changes; change++) {
  const times: number[] = [];
  const all = new Promise<void>((resolve) => {
    heard = (at) => {
      if (times.push(at) === sidecars) resolve();
    };
  });
  const acknowledged = Promise.all(proxies.map((one) => one.next(TYPE.endpoint)));
  const begun = performance.now();
  await client.ask(`${slices}/svc-7`, {
    ...{ method: "PATCH", contentType: "application/merge-patch+json" },
    body: { endpoints: [{ addresses: [`10.9.0.${change + 1}`], conditions: { ready: true } }] },
  });
  await all;
  firsts.push(Math.min(...times) - begun);
  lasts.push(Math.max(...times) - begun);
  await acknowledged;
}
print(`endpoints of one of ${services} Services, first of ${sidecars} sidecars`, firsts);
print(`endpoints of one of ${services} Services, last of ${sidecars} sidecars`, lasts);

const answers: number[] = [];
for (let review = 0; review < reviews; review++) {
  const begun = performance.now();
  await post(JSON.stringify(reviewOf(review)));
  answers.push(performance.now() - begun);
}
print("a review of a VirtualService, TLS handshake included", answers);

for (const one of proxies) one.close();
client.close();
await plane.stop();
await api.close();

function print(what: string, ms: readonly number[]): void {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
  process.stdout.write(`| ${what} | p50 ${at(0.5)} ms | p99 ${at(0.99)} ms | most ${at(1)} ms |\n`);
}

function objects(i: number): readonly object[] {
  const metadata = { name: `svc-${i}`, namespace: "shop" };
  const ports = [{ name: "http", port: 80 }];
  const labels = { "kubernetes.io/service-name": metadata.name };
  const endpoints = [{ addresses: [`10.8.${i >> 8}.${i & 255}`], conditions: { ready: true } }];
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports } },
    {
      ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { ...metadata, labels } },
      ...{ addressType: "IPv4", ports: [{ name: "http", port: 8080, protocol: "TCP" }], endpoints },
    },
  ];
}

function reviewOf(i: number): object {
  const kind = { group: "networking.istio.io", version: "v1", kind: "VirtualService" };
  const route = [{ destination: { host: `svc-${i % services}` } }];
  const object = {
    ...{ apiVersion: "networking.istio.io/v1", kind: kind.kind, metadata: { name: `vs-${i}`, namespace: "shop" } },
    spec: {
      hosts: [`svc-${i % services}`],
      http: [{ match: [{ uri: { regex: "/v[0-9]+/.*" } }], timeout: "5s", route }],
    },
  };
  const asked = { uid: String(i), operation: "CREATE", kind, object };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: asked };
}

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request(
      { host: address, port: 15017, path: "/validate", method: "POST", ca: root, headers, agent: false },
      (answer) => answer.resume().once("end", resolve),
    );
    sent.once("error", reject);
    sent.end(body);
  });
}
