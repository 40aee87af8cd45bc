import { expect, test } from "vitest";
import type { AccessItem } from "../../../src/api/contract/access.ts";
import { callerOf, groupsOf } from "./access.ts";

const item = (said: Partial<AccessItem>): AccessItem => ({
  ...{ what: "denied", source: { address: "10.0.0.9" }, port: 80, protocol: "http", count: 1, first: 1, last: 1 },
  destination: { namespace: "shop", workload: "cart", labels: {} },
  ...said,
});

test("kinds that nobody is of are left out; calls are none of them; the latest comes first", () => {
  const entries = [item({ last: 1 }), item({ what: "call" }), item({ last: 5, port: 81 }), item({ what: "plaintext" })];
  expect(groupsOf(entries).map(({ words, items }) => [words, items.map(({ port }) => port)])).toEqual([
    ["Refused", [81, 80]],
    ["In plaintext, which is let in", [80]],
  ]);
});

test("a caller is its ServiceAccount, else its workload, else its address", () => {
  const named = (source: AccessItem["source"]) => callerOf({ source });
  expect(named({ identity: "spiffe://cluster.local/ns/shop/sa/web" })).toBe("shop/sa/web");
  expect(named({ identity: "spiffe://elsewhere/x" })).toBe("spiffe://elsewhere/x");
  expect(named({ address: "10.0.0.9", workload: "shop/old" })).toBe("shop/old");
  expect(named({ address: "10.0.0.9" })).toBe("10.0.0.9");
});
