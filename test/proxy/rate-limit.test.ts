import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import type { Counters } from "../../src/limits/bucket.ts";
import { memoryCounters } from "../../src/limits/memory.ts";
import { type Limit, SHOULD_RATE_LIMIT, shouldRateLimit } from "../../src/limits/service.ts";
import { GRPC } from "../../src/xds/grpc.ts";
import { get, type Headers, having, startGateway, stopGateway } from "./policy-gateway.ts";
import type { ServedEnvoy } from "./served-envoy.ts";

// RateLimit at a real gateway, with the product's own counters behind it.

let envoy: ServedEnvoy;
let counters: Counters | undefined;
let limits: Readonly<Record<string, Limit>> = {};
let counted: string[] = [];

async function serve(message: Uint8Array) {
  if (counters === undefined) return { status: GRPC.unavailable, message: "away" };
  const note = (rule: string, outcome: string) => void counted.push(`${rule} ${outcome}`);
  return shouldRateLimit(message, { counters, limitOf: (rule) => limits[rule], counted: note });
}

beforeAll(async () => {
  envoy = await startGateway(new Map([[SHOULD_RATE_LIMIT, serve]]));
});
afterAll(stopGateway);
beforeEach(() => {
  counters = memoryCounters({ now: () => 1e12, after: () => () => {} });
  counted = [];
});

/** Statuses of requests, one after the other. */
async function statuses(times: number, path?: string, headers?: Headers, method?: string): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) seen.push((await get(path, headers, method)).status);
  return seen;
}

const limit = { requests: 2, unit: "Hour" };

describe("a local RateLimit", () => {
  test("refuses with 429, says which rule and when to come again; browsers may read it", async () => {
    const object = await having("RateLimit", { rules: [{ name: "all", limit }] });
    const origin = { origin: "https://a.test" };
    const first = await get("/", origin);
    deepStrictEqual(
      [first.status, first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]],
      [200, "2", "1"],
    );
    strictEqual((await get("/", origin)).status, 200);
    const { status, headers } = await get("/", origin);
    strictEqual(status, 429);
    strictEqual(headers["x-weft-rate-limit"], `${object}/all`);
    // One in half an hour.
    const wait = Number(headers["retry-after"]);
    ok(wait > 1700 && wait <= 1800, `${wait}`);
    strictEqual(headers["access-control-allow-origin"], "https://a.test");
    match(
      await envoy.admin("/stats/prometheus?filter=rate_limit"),
      new RegExp(`envoy_rate_limit_http_local_rate_limit_rate_limited\\{rule="${object}/all"\\} 1`),
    );
    match(
      await envoy.admin("/stats?filter=rate_limit"),
      new RegExp(`rate_limit\\.${object}/all\\.http_local_rate_limit\\.rate_limited: 1`),
    );
  });

  test("burst is how many may come at once", async () => {
    await having("RateLimit", { rules: [{ name: "all", limit: { ...limit, burst: 5 } }] });
    deepStrictEqual(await statuses(6), [200, 200, 200, 200, 200, 429]);
  });

  const matches: readonly (readonly [
    string,
    object,
    path: string,
    headers: Headers,
    method: string,
    other: string,
    otherHeaders: Headers,
    otherMethod: string,
  ])[] = [
    ["paths, whatever the query", { paths: ["/a*", "/b", "*.jpg"] }, "/b?c=d", {}, "GET", "/bb", {}, "GET"],
    ["paths by prefix", { paths: ["/a*"] }, "/a/b", {}, "GET", "/b/a", {}, "GET"],
    ["paths by suffix", { paths: ["*.jpg"] }, "/x/y.jpg?z", {}, "GET", "/x?y.jpg", {}, "GET"],
    ["a dot is a dot", { paths: ["/a.b"] }, "/a.b", {}, "GET", "/acb", {}, "GET"],
    ["methods", { methods: ["POST", "PUT"] }, "/", {}, "POST", "/", {}, "GET"],
    [
      "hosts, whatever port and capitals",
      { hosts: ["*.shop.test"] },
      "/",
      { host: "EU.shop.test:8080" },
      "GET",
      "/",
      {},
      "GET",
    ],
    [
      "headers by value",
      { headers: [{ name: "X-Plan", values: ["free", "trial*"] }] },
      "/",
      { "x-plan": "trial-3" },
      "GET",
      "/",
      { "x-plan": "gold" },
      "GET",
    ],
    ["headers that are there", { headers: [{ name: "x-plan" }] }, "/", { "x-plan": "" }, "GET", "/", {}, "GET"],
    ["client addresses", { remoteIpBlocks: ["127.0.0.0/8"], paths: ["/c"] }, "/c", {}, "GET", "/d", {}, "GET"],
    ["routes", { routes: ["api"] }, "/api/x", {}, "GET", "/", {}, "GET"],
  ];
  test.each(matches)("counts by %s", async (_, said, path, headers, method, other, otherHeaders, otherMethod) => {
    await having("RateLimit", { rules: [{ name: "some", match: said, limit }] });
    deepStrictEqual(await statuses(3, path, headers, method), [200, 200, 429]);
    deepStrictEqual(await statuses(3, other, otherHeaders, otherMethod), [200, 200, 200]);
  });

  test("does not count other addresses, nor callers without a certificate as principals", async () => {
    await having("RateLimit", {
      rules: [{ name: "far", match: { remoteIpBlocks: ["192.0.2.0/24", "2001:db8::/32"] }, limit }],
    });
    deepStrictEqual(await statuses(3), [200, 200, 200]);
    await having("RateLimit", { rules: [{ name: "known", match: { principals: ["*"] }, limit }] });
    deepStrictEqual(await statuses(3), [200, 200, 200]);
  });

  test.each([
    ["Header", { type: "Header", name: "X-User" }, "/", { "x-user": "ann" }, "/", { "x-user": "bob" }],
    ["Path", { type: "Path" }, "/a?1", {}, "/b", {}],
    ["Host", { type: "Host" }, "/", { host: "a.test" }, "/", { host: "b.test" }],
    ["Route", { type: "Route" }, "/api", {}, "/", {}],
  ])("per %s: each has a limit of its own", async (_, per, path, headers, other, otherHeaders) => {
    await having("RateLimit", { rules: [{ name: "each", per: [per], limit }] });
    deepStrictEqual(await statuses(3, path, headers as unknown as Headers), [200, 200, 429]);
    deepStrictEqual(await statuses(3, other, otherHeaders as unknown as Headers), [200, 200, 429]);
  });

  test("who leaves the header out shares one limit with all others who do", async () => {
    await having("RateLimit", {
      rules: [{ name: "each", per: [{ type: "Header", name: "x-user" }, { type: "Principal" }], limit }],
    });
    deepStrictEqual(await statuses(3), [200, 200, 429]);
  });

  test("per Claim of a verified token", async () => {
    const key = new Uint8Array(16).map((_, i) => i);
    const jwks = JSON.stringify({
      keys: [{ kty: "oct", kid: "a", alg: "HS256", k: Buffer.from(key).toString("base64url") }],
    });
    const tokens = {
      apiVersion: "security.istio.io/v1",
      kind: "RequestAuthentication",
      metadata: { name: "tokens", namespace: "istio-system" },
      spec: { jwtRules: [{ issuer: "a", jwks }] },
    };
    const bearer = async (sub: string, more: object = {}) => {
      const token = new SignJWT({ sub, ...more }).setProtectedHeader({ alg: "HS256", kid: "a" }).setIssuer("a");
      return { authorization: `Bearer ${await token.setExpirationTime("1h").sign(key)}` };
    };
    const each = { name: "each", per: [{ type: "Claim", name: "sub" }], limit };
    await having("RateLimit", { rules: [each] }, tokens);
    deepStrictEqual(await statuses(2, "/", await bearer("ann")), [200, 200]);
    deepStrictEqual(await statuses(1, "/", await bearer("ann", { extra: 1 })), [429]);
    deepStrictEqual(await statuses(3, "/", await bearer("bob")), [200, 200, 429]);
    deepStrictEqual(await statuses(3), [200, 200, 429]);
  });

  test("per Method and RemoteAddress", async () => {
    await having("RateLimit", {
      rules: [{ name: "each", per: [{ type: "Method" }, { type: "RemoteAddress" }], limit }],
    });
    deepStrictEqual(await statuses(3), [200, 200, 429]);
    deepStrictEqual(await statuses(3, "/", {}, "PUT"), [200, 200, 429]);
  });

  test("of several rules each must have room", async () => {
    const rules = [
      { name: "wide", limit: { ...limit, requests: 4 } },
      { name: "narrow", match: { paths: ["/x"] }, limit: { ...limit, requests: 1 } },
    ];
    await having("RateLimit", { rules });
    deepStrictEqual(await statuses(2, "/x"), [200, 429]);
    deepStrictEqual(await statuses(3, "/"), [200, 200, 429]);
  });

  test("a dry run counts and refuses nothing", async () => {
    const object = await having("RateLimit", { dryRun: true, rules: [{ name: "all", limit }] });
    deepStrictEqual(await statuses(4), [200, 200, 200, 200]);
    const stats = await envoy.admin(`/stats?filter=rate_limit.${object}`);
    match(stats, /rate_limited: 2/);
    match(stats, /enforced: 0/);
  });
});

describe("a global RateLimit", () => {
  const hourly = { requests: 2, unit: "Hour", unitMs: 3_600_000, burst: 2, dryRun: false } as const;

  test("asks the mesh's counters, which say how many; the answer tells which rule refused", async () => {
    const object = await having("RateLimit", {
      scope: "Global",
      rules: [
        { name: "all", limit: { ...limit, requests: 100 } },
        { name: "users", match: { methods: ["GET"] }, per: [{ type: "Header", name: "x-user" }], limit },
      ],
    });
    limits = { [`${object}/all`]: { ...hourly, requests: 100, burst: 100 }, [`${object}/users`]: hourly };
    const ann = { "x-user": "ann" };
    deepStrictEqual(await statuses(2, "/", ann), [200, 200]);
    const { status, headers } = await get("/", ann);
    strictEqual(status, 429);
    strictEqual(headers["x-weft-rate-limit"], `${object}/users`);
    strictEqual(headers["retry-after"], "1800");
    match(String(headers["x-ratelimit-limit"]), /^2, /);
    strictEqual(headers["x-ratelimit-remaining"], "0");
    deepStrictEqual(await statuses(1, "/", { "x-user": "bob" }), [200]);
    deepStrictEqual(await statuses(1, "/", ann, "POST"), [200]);
    deepStrictEqual(
      counted.filter((line) => line.endsWith(" limited")),
      [`${object}/users limited`],
    );
    // The limit is the counters' alone: the proxy is told nothing new.
    limits = { ...limits, [`${object}/users`]: { ...hourly, burst: 10 } };
    deepStrictEqual(await statuses(2, "/", ann), [200, 200]);
  });

  test.each([
    [true, 200],
    [false, 503],
  ])("where the counters are away and failOpen is %s: %i", async (failOpen, status) => {
    await having("RateLimit", { scope: "Global", failOpen, rules: [{ name: "all", limit }] });
    counters = undefined;
    deepStrictEqual(await statuses(3), [status, status, status]);
  });

  test("a dry run tells the counters' metrics and nobody else", async () => {
    const object = await having("RateLimit", { scope: "Global", dryRun: true, rules: [{ name: "all", limit }] });
    limits = { [`${object}/all`]: { ...hourly, dryRun: true } };
    deepStrictEqual(await statuses(3), [200, 200, 200]);
    strictEqual(counted.at(-1), `${object}/all dry_run_limited`);
  });
});
