import { expect, test } from "vitest";
import { proxyUserOf } from "./proxy-user.ts";

test("110 Pods of a node share Linux's 128 inotify instances of a user among few", () => {
  const users = new Map<number, number>();
  for (let pod = 0; pod < 110; pod++) {
    const user = proxyUserOf({ kind: "sidecar", drainKey: `key ${pod}` });
    expect(user).toBeGreaterThan(1337);
    expect(user).toBeLessThan(65_534);
    users.set(user, (users.get(user) ?? 0) + 1);
  }
  // Four instances each.
  expect(Math.max(...users.values()) * 4).toBeLessThan(128);
});

test("a Pod's Envoy is the same user at each look; a gateway's is Istio's", () => {
  const user = () => proxyUserOf({ kind: "sidecar", drainKey: "a" });
  expect(user()).toBe(user());
  expect(proxyUserOf({ kind: "gateway", drainKey: "a" })).toBe(1337);
});
