import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type EnvoyProcess, startEnvoy } from "./envoy-process.ts";
import { meshOf } from "./mesh.ts";
import { sidecar } from "./proxy.ts";
import { type Answer, call, startUpstream, type Upstream } from "./upstream.ts";

const text = readFileSync(join(import.meta.dirname, "behaviour.yaml"), "utf8");
const upstreams = new Map<string, Upstream>();
let envoy: EnvoyProcess;
let blocking: EnvoyProcess;

beforeAll(async () => {
  for (const name of ["v1", "v2", "ratings", "data", "one", "two", "outside", "wild"])
    upstreams.set(name, await startUpstream(name));
  const at = (name: string) => (upstreams.get(name) as Upstream).port;
  const svc = "svc.cluster.local";
  const clusters = {
    [`outbound|9080|v1|reviews.default.${svc}`]: [at("v1")],
    [`outbound|9080|v2|reviews.default.${svc}`]: [at("v2")],
    [`outbound|9080||reviews.default.${svc}`]: [at("v1")],
    [`outbound|9080||ratings.default.${svc}`]: [at("ratings")],
    [`outbound|9081||ratings.data.${svc}`]: [at("data")],
    [`outbound|9080||hashed.default.${svc}`]: [at("one"), at("two")],
    [`outbound|9080||pair.default.${svc}`]: [await closedPort(), at("one")],
    [`outbound|9080||partial.default.${svc}`]: [at("one")],
    "outbound|9080||*.wild.example.com": [at("wild")],
    PassthroughCluster: [at("outside")],
    BlackHoleCluster: [],
  };
  const open = meshOf(text);
  envoy = await startEnvoy(sidecar(open.tracker, open.view, [9080, 9081], clusters));
  const strict = meshOf(text, "meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}");
  blocking = await startEnvoy(sidecar(strict.tracker, strict.view, [9080], clusters));
});

afterAll(async () => {
  await envoy?.stop();
  await blocking?.stop();
  await Promise.all([...upstreams.values()].map((u) => u.stop()));
});

const get = (target: string, options?: Parameters<typeof call>[2]): Promise<Answer> =>
  call(envoy.port("9080"), target, options);
const by = async (target: string, options?: Parameters<typeof call>[2]) => (await get(target, options)).seen?.by;
const seenBy = (name: string, part: string) =>
  (upstreams.get(name) as Upstream).seen.filter((s) => s.path.includes(part));

describe("which table", () => {
  test.each([
    "reviews",
    "reviews:9080",
    "reviews.default",
    "reviews.default.svc",
    "reviews.default.svc.cluster.local",
    "reviews.default.svc.cluster.local.",
    "10.96.0.1:9080",
    "REVIEWS",
    "Reviews.Default:9080",
  ])("%s is the service", async (host) => strictEqual(await by(`${host}/plain`), "v1"));

  test("a known host without a route for the path is 404, not the way out", async () => {
    strictEqual(await by("partial/known"), "one");
    strictEqual((await get("partial/unknown")).status, 404);
    strictEqual((await get("PARTIAL/unknown")).status, 404);
  });

  test.each(["unknown.example.com", "[::1]:80", "UNKNOWN.example.com", "~9080"])("%s is unknown", async (host) => {
    strictEqual(await by(`${host}/x`), "outside");
    const blocked = await call(blocking.port("9080"), `${host}/x`);
    deepStrictEqual([blocked.status, blocked.seen], [502, undefined]);
  });

  test("the port is part of the name", async () => {
    strictEqual((await call(envoy.port("9081"), "ratings.data/x")).seen?.by, "data");
    strictEqual(await by("ratings.data/x"), "outside");
    strictEqual((await call(envoy.port("9081"), "reviews/plain")).seen?.by, "outside");
  });

  test("a wildcard has its own routes, with its faults", async () => {
    strictEqual(await by("a.wild.example.com:9080/x"), "wild");
    strictEqual(await by("A.Wild.example.com/x"), "wild");
    strictEqual((await get("a.wild.example.com/faulty")).status, 556);
  });

  test("no service sees how it was chosen, and nobody chooses by a header of his own", async () => {
    const forged = { "x-weft-scope": "~9080|reviews.default.svc.cluster.local" };
    strictEqual((await get("unknown.example.com/x", { headers: forged })).seen?.headers["x-weft-scope"], undefined);
    strictEqual(await by("ratings/x", { headers: forged }), "ratings");
  });
});

describe("which route", () => {
  test("the first that matches", async () => {
    strictEqual(await by("reviews/match", { headers: { "end-user": "jason" } }), "v2");
    strictEqual(await by("reviews/match", { headers: { "end-user": "jasonx" } }), "v1");
  });

  test.each([
    ["/match/12", "v2"],
    ["/match/12a", "v1"],
    ["/MATCH/exact", "v2"],
    ["/match/exact/more", "v1"],
    ["/match?v=2", "v2"],
    ["/match?v=22", "v1"],
  ])("%s goes to %s", async (path, expected) => strictEqual(await by(`reviews${path}`), expected));

  test("by method, and by what is not there", async () => {
    strictEqual(await by("reviews/match", { method: "PUT" }), "v2");
    strictEqual(await by("reviews/match/without"), "v2");
    strictEqual(await by("reviews/match/without", { headers: { "x-no": "1" } }), "v1");
    strictEqual(await by("reviews/match/without", { headers: { "x-no": "2" } }), "v2");
  });

  test("by weight", async () => {
    const counts = new Map<string | undefined, number>();
    for (let i = 0; i < 200; i++) {
      const name = await by("reviews/split");
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    deepStrictEqual([...counts.keys()].sort(), ["v1", "v2"]);
    // Outside of these bounds once in 10^12 runs.
    for (const count of counts.values()) ok(count > 50 && count < 150, `${count}`);
  });

  test("by hash", async () => {
    const used = new Set<string | undefined>();
    for (let user = 0; user < 30; user++) {
      const first = await by("hashed/x", { headers: { "x-user": `${user}` } });
      strictEqual(await by("hashed/x", { headers: { "x-user": `${user}` } }), first);
      used.add(first);
    }
    strictEqual(used.size, 2);
  });

  test("to nowhere", async () => strictEqual((await get("reviews/nowhere")).status, 503));
});

describe("timeouts", () => {
  test("none by default, and the route's where it says one: no 15 s of Envoy's", async () => {
    const expected = async (target: string) => (await get(target)).seen?.headers["x-envoy-expected-rq-timeout-ms"];
    strictEqual(await expected("ratings/x"), undefined);
    strictEqual(await expected("reviews/plain"), undefined);
    strictEqual(await expected("unknown.example.com/x"), undefined);
    strictEqual(await expected("reviews/timeout"), "3000");
  });

  test("an answer that does not come is a 504", async () => {
    const answer = await get("reviews/timeout?hang=1&key=timeout");
    deepStrictEqual([answer.status, answer.body.toString()], [504, "upstream request timeout"]);
  });

  test("a gRPC call keeps its own deadline", async () => {
    const headers = { "content-type": "application/grpc", "grpc-timeout": "200m", te: "trailers" };
    const answer = await get("reviews/plain?hang=1&key=grpc", { method: "POST", headers });
    deepStrictEqual([answer.status, answer.headers["grpc-message"]], [200, "upstream request timeout"]);
  });
});

describe("retries", () => {
  test("as said, counted for the service", async () => {
    const answer = await get("reviews/retry?fail=2&key=retry");
    deepStrictEqual([answer.status, answer.seen?.headers["x-envoy-attempt-count"]], [200, "3"]);
    strictEqual(seenBy("v1", "key=retry").length, 3);
  });

  test("a try that takes too long is one of them", async () => {
    strictEqual((await get("reviews/retry?hang=1&key=slow")).status, 200);
    strictEqual(seenBy("v1", "key=slow").length, 2);
  });

  test("no more than said, for status codes too", async () => {
    strictEqual((await get("reviews/few?fail=2&key=few")).status, 503);
    strictEqual(seenBy("v1", "key=few").length, 2);
  });

  test("by default what did not reach the service, at another endpoint", async () => {
    for (let i = 0; i < 10; i++) strictEqual(await by("pair/x"), "one");
  });

  test("by default no 503 of the service's own", async () => {
    strictEqual((await get("ratings/x?fail=1&key=default")).status, 503);
    strictEqual(seenBy("ratings", "key=default").length, 1);
  });
});

describe("faults", () => {
  test("abort", async () => {
    deepStrictEqual([(await get("reviews/abort")).status, seenBy("v1", "/abort").length], [555, 0]);
    strictEqual(await by("reviews/no-abort"), "v1");
  });

  test("abort in gRPC", async () => {
    const answer = await get("reviews/grpc-abort", { method: "POST", headers: { "content-type": "application/grpc" } });
    deepStrictEqual([answer.status, answer.headers["grpc-status"]], [200, "14"]);
  });

  test("delay", async () => {
    const before = performance.now();
    strictEqual(await by("reviews/delay"), "v1");
    ok(performance.now() - before >= 395);
  });
});

describe("answers of the proxy", () => {
  test("redirects", async () => {
    const whole = await get("reviews/gone/x?a=1");
    deepStrictEqual([whole.status, whole.headers.location], [308, "http://example.com/new?a=1"]);
    const prefix = await get("reviews/p/x?a=1");
    deepStrictEqual([prefix.status, prefix.headers.location], [307, "https://example.com:9080/q/x?a=1"]);
  });

  test("direct responses", async () => {
    const answer = await get("reviews/teapot");
    deepStrictEqual([answer.status, answer.body.toString()], [418, "short and stout"]);
    deepStrictEqual([...(await get("reviews/bytes")).body], [0, 1, 2]);
  });

  test("CORS", async () => {
    const preflight = (origin: string) =>
      get("reviews/cors", { method: "OPTIONS", headers: { origin, "access-control-request-method": "GET" } });
    const friend = await preflight("https://example.com");
    deepStrictEqual(
      [
        friend.status,
        friend.seen,
        friend.headers["access-control-allow-origin"],
        friend.headers["access-control-max-age"],
      ],
      [200, undefined, "https://example.com", "60"],
    );
    const stranger = await preflight("https://example.org");
    deepStrictEqual([stranger.seen, stranger.headers["access-control-allow-origin"]], [undefined, undefined]);
  });
});

describe("changes on the way", () => {
  test("rewrites", async () => {
    const { seen } = await get("reviews/a/b?c=1");
    deepStrictEqual([seen?.path, seen?.headers.host], ["/b?c=1", "other.example.com"]);
    strictEqual((await get("reviews/b/x/y")).seen?.path, "/v1/x/y");
  });

  test("headers", async () => {
    const answer = await get("reviews/headers", { headers: { "x-secret": "1", "x-add": "one", "x-set": "mine" } });
    const { host, "x-set": set, "x-add": add, "x-secret": secret } = answer.seen?.headers ?? {};
    deepStrictEqual(
      { host, set, add, secret },
      { host: "set.example.com", set: "destination", add: "one, more", secret: undefined },
    );
    deepStrictEqual([answer.headers["x-served"], answer.headers["x-internal"]], ["yes", undefined]);
    strictEqual((await get("reviews/plain")).headers["x-internal"], "1");
  });

  test("mirrors", async () => {
    strictEqual(await by("reviews/mirror?key=mirror"), "v1");
    await vi.waitFor(() => expect(seenBy("ratings", "key=mirror")).toHaveLength(1), { timeout: 20_000 });
    strictEqual(seenBy("ratings", "key=mirror")[0]?.headers.host, "reviews");
  });
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
