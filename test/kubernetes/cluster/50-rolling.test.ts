import { afterAll, beforeAll, expect, it } from "vitest";
import { askFromNode, eventually, figure, kubectl, pods, rolledOut, serviceAddress, startLoad } from "./bed.ts";
import { openReviews } from "./reviews-door.ts";

const versions = ["reviews-v1", "reviews-v2", "reviews-v3"];
const rate = 200;
const leastRate = 10;

let close: () => Promise<unknown>;
beforeAll(async () => {
  close = await openReviews();
  const gateway = await serviceAddress("istio-system", "istio-ingressgateway");
  await eventually("reviews answer", async () => (await askFromNode(`http://${gateway}/reviews/0`)).status === 200);
});
afterAll(() => close());

it("reviews are restarted ten times under 200 requests a second, and no request fails", {
  timeout: 600_000,
}, async () => {
  const gateway = await serviceAddress("istio-system", "istio-ingressgateway");
  const load = startLoad(`http://${gateway}/reviews/0`, rate);
  const begun = performance.now();
  for (let n = 0; n < 10; n++) {
    await kubectl(["rollout", "restart", ...versions.map((name) => `deployment/${name}`)]);
    await rolledOut("default", ...versions);
  }
  const took = (performance.now() - begun) / 1000;
  const report = await load.stop();
  figure("ten rolling restarts of reviews, three Deployments each", took.toFixed(0), "s");
  figure(
    "requests meanwhile",
    `${report.sent}, ${Math.round(report.sent / report.seconds)}/s, p50 ${report.latency.p50} ms, p99 ${report.latency.p99} ms, max ${report.latency.max} ms`,
  );
  expect(report.failures, JSON.stringify(report)).toEqual({});
  expect(report.ok).toBe(report.sent);
  // It was load all the time, whatever this machine could of it.
  expect(report.sent).toBeGreaterThan(leastRate * took);
  const revisions = await pods("default", "app=reviews");
  expect(revisions.length).toBeGreaterThanOrEqual(3);
});
