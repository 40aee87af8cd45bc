import { expect, it } from "vitest";
import type { ProxyState } from "../../../src/api/contract/workloads.ts";
import { proxyOf } from "../../test/scenarios/world.ts";
import { firstExpiry, summary } from "./sync.ts";

const proxies = (...states: ProxyState["sync"][]) =>
  states.map((sync, i) => proxyOf(`p-${i}.default`, "10.0.0.1", 0, { sync, certificateExpiresAt: 1000 - i }));

it("names the worst state and how many are in it", () => {
  expect(summary(proxies("synced", "synced"))).toMatchObject({ text: "2 synced", health: "healthy" });
  expect(summary(proxies("synced", "stale", "refused"))).toMatchObject({ text: "1 of 3 refused", health: "failing" });
  expect(summary(proxies("disconnected"))).toMatchObject({ text: "disconnected", health: "unknown" });
  expect(summary([])).toMatchObject({ text: "no proxy" });
});

it("ranks the worst first", () => {
  const order = [proxies("synced"), proxies("stale"), proxies("refused"), proxies("disconnected")].map(
    (p) => summary(p).rank,
  );
  expect(order).toEqual([3, 2, 0, 1]);
});

it("finds the certificate that expires first", () => {
  expect(firstExpiry(proxies("synced", "synced"))).toBe(999);
  expect(firstExpiry([])).toBeUndefined();
});
