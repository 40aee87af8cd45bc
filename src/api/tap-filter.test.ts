import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { test } from "vitest";
import type { Observed } from "../model/observed.ts";
import { fits, tapFilterOf } from "./tap-filter.ts";

const seen: Observed = {
  at: 0,
  source: { identity: "spiffe://cluster.local/ns/shop/sa/web", address: "10.0.0.7", workload: "shop/web-v1" },
  destination: { namespace: "shop", workload: "cart-v1", app: "cart", pod: "cart-v1-0" },
  ...{ port: 8080, protocol: "http", mtls: true, verdict: "allowed", flags: [], requestBytes: 0, responseBytes: 0 },
  ...{ method: "GET", host: "cart:8080", path: "/items/17", code: 503 },
};
const isShown = (query: string) => fits(tapFilterOf(new URLSearchParams(query)), seen);

test("each part of a filter takes what is so, and nothing else", () => {
  for (const query of [
    "",
    "namespace=shop,other",
    "workload=cart-v1",
    "workload=cart",
    "method=post,get",
    "path=/items/*",
    "path=*17",
    "path=/*e*s/*",
    "host=CART",
    "status=503",
    "status=404,5xx",
    "status=500-599",
    "from=web",
    "from=web-v1",
    "from=shop/web",
    "from=10.0.0.7",
    "from=spiffe://cluster.local/ns/shop/*",
    "verdict=allowed",
  ])
    strictEqual(isShown(query), true, query);
  for (const query of [
    "namespace=other",
    "workload=cart-v2",
    "method=POST",
    "path=/items",
    "path=/items/*8",
    "path=/items/17*17",
    "host=car",
    "status=4xx",
    "status=500-502",
    "from=we",
    "from=other/web",
    "verdict=denied",
  ])
    strictEqual(isShown(query), false, query);
});

test("what is no filter is refused with its name", () => {
  const refused = (query: string, message: RegExp) => throws(() => tapFilterOf(new URLSearchParams(query)), message);
  refused("status=6xx", /^Refusal|Error: status: "6xx" is none/);
  refused("verdict=maybe", /verdict: "maybe" is none/);
  refused("limit=1000", /limit: "1000"/);
  refused(`path=${"a".repeat(300)}`, /path: that is longer/);
  refused("header=a b", /header: "a b" is no name/);
});

test("nobody asks what is in a header that carries a secret, only whether it is there", () => {
  for (const name of ["authorization", "Cookie", "x-api-key", "x-auth-token", "x-amz-security-token"])
    throws(() => tapFilterOf(new URLSearchParams([["header", `${name}=a*`]])), /is a secret/, name);
  deepStrictEqual(tapFilterOf(new URLSearchParams("header=Cookie&header=End-User=jason")).headers, [
    { name: "cookie" },
    { name: "end-user", value: "jason" },
  ]);
});

test("a filter full of stars takes no time to speak of", () => {
  const pattern = "a*".repeat(100);
  const text = `${"a".repeat(500)}`;
  strictEqual(fits(tapFilterOf(new URLSearchParams({ path: `${pattern}b` })), { ...seen, path: text }), false);
  strictEqual(fits(tapFilterOf(new URLSearchParams({ path: pattern })), { ...seen, path: text }), true);
});
