import { afterAll, beforeAll, expect, it } from "vitest";
import {
  apply,
  askFromNode,
  askFromPod,
  eventually,
  figure,
  kubectl,
  nodePart,
  podOf,
  rolledOut,
  serviceAddress,
  startLoad,
} from "./bed.ts";
import { openReviews } from "./reviews-door.ts";

const outageMs = 120_000;
const rate = 100;
const leastRate = 10;

let close: () => Promise<unknown>;
beforeAll(async () => {
  close = await openReviews();
  const gateway = await serviceAddress("istio-system", "istio-ingressgateway");
  await eventually("reviews answer", async () => (await askFromNode(`http://${gateway}/reviews/0`)).status === 200);
});
afterAll(() => close());

it("the control plane is killed and the API server is away for two minutes, and no request fails", {
  timeout: 600_000,
}, async () => {
  // Straight at the gateway's Pod: when the API server is back before the node was heard of, Kubernetes itself lets nobody to the gateway's Service.
  const gateway = await podOf("istio-system", "app=istio-ingressgateway");
  const load = startLoad(`http://${gateway.status.podIP}:8080/reviews/0`, rate);
  await kubectl(["delete", "pods", "-n", "istio-system", "-l", "app=weft", "--grace-period=0", "--force"]);
  await nodePart("stop", "kube-apiserver");
  const begun = Date.now();
  await eventually("two minutes are over", async () => Date.now() - begun > outageMs, outageMs + 30_000);
  await nodePart("start", "kube-apiserver");
  await rolledOut("istio-system", "weft");
  const report = await load.stop();
  figure(
    "requests while control plane and API server were away",
    `${report.sent}, p99 ${report.latency.p99} ms, max ${report.latency.max} ms`,
  );
  expect(report.failures, JSON.stringify(report)).toEqual({});
  expect(report.ok).toBe(report.sent);
  expect(report.sent).toBeGreaterThan((leastRate * outageMs) / 1000);
});

it("after that the mesh follows changes again", async () => {
  const route = { hosts: ["ratings"], http: [{ directResponse: { status: 418 } }] };
  const object = {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "teapot" },
    spec: route,
  };
  await apply([object]);
  const { metadata } = await podOf("default", "app=productpage");
  await eventually(
    "it is in force",
    async () => (await askFromPod("default", metadata.name, "http://ratings:9080/ratings/0")).status === 418,
  );
  await kubectl(["delete", "virtualservice", "teapot"]);
});
