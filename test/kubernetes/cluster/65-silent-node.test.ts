import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, figure, get, nodePart, podOf, pods, rolledOut, startLoad } from "./bed.ts";
import { openReviews } from "./reviews-door.ts";

interface Slices {
  readonly items: readonly { readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[] }[];
}

let close: () => Promise<unknown>;
beforeAll(async () => {
  close = await openReviews();
});
afterAll(() => close());

async function readyReviews(): Promise<number> {
  const slices = await get<Slices>("endpointslices", "-l", "kubernetes.io/service-name=reviews");
  return slices.items.flatMap((slice) => slice.endpoints ?? []).filter((e) => e.conditions.ready).length;
}

it("a node is not heard of, so Kubernetes calls none of its Pods ready; they run, and are called", {
  timeout: 600_000,
}, async () => {
  // Straight at the gateway: of its Service Kubernetes itself leaves nothing now.
  const gateway = await podOf("istio-system", "app=istio-ingressgateway");
  const load = startLoad(`http://${gateway.status.podIP}:8080/reviews/0`, 50);
  await nodePart("stop", "kubelet");
  await eventually("no reviews is ready, says Kubernetes", async () => (await readyReviews()) === 0, 180_000);
  const since = Date.now();
  await eventually("proxies have had time to be told", async () => Date.now() - since > 5_000);
  await nodePart("start", "kubelet");
  await eventually(
    "reviews are ready again",
    async () => (await readyReviews()) === (await pods("default", "app=reviews")).length,
  );
  await rolledOut("istio-system", "weft", "istio-ingressgateway");
  const report = await load.stop();
  figure("requests while the node was not heard of", `${report.sent}, p99 ${report.latency.p99} ms`);
  expect(report.failures, JSON.stringify(report)).toEqual({});
});
