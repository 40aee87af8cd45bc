import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { afterAll, afterEach, beforeAll, test } from "vitest";
import { Bed, host, mesh, statOf } from "./bed.ts";
import { get } from "./servers.ts";

const bed = new Bed();
beforeAll(() => bed.open());
afterEach(() => bed.clear());
afterAll(() => bed.close());

test("an endpoint that fails is ejected", async () => {
  const good = await bed.server({ name: "good" });
  const bad = await bed.server({ name: "bad", status: 500 });
  const policy =
    "{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100}}";
  const envoy = await bed.proxy(mesh([{ port: good.port }, { port: bad.port }], policy));
  const port = await envoy.port("out");
  while (bad.seen.length === 0) await get(port, host);
  await envoy.settled((s) => s[statOf("outlier_detection.ejections_active")] === 1);
  const after = [await get(port, host), await get(port, host), await get(port, host)];
  deepStrictEqual(
    after.map((a) => a.body),
    ["good", "good", "good"],
  );
  strictEqual(bad.seen.length, 1);
});

test("requests stay near, and go to the next region when what is near fails", async () => {
  let status = 200;
  const near = await bed.server({ name: "near", status: () => status });
  const far = await bed.server({ name: "far" });
  const places = [
    { port: far.port, locality: "us/us-1" },
    { port: near.port, locality: "eu/eu-2" },
  ];
  const policy =
    "{outlierDetection: {consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100}}";
  const envoy = await bed.proxy(mesh(places, policy));
  const port = await envoy.port("out");
  for (let i = 0; i < 10; i++) strictEqual((await get(port, host)).body, "near");
  status = 500;
  await get(port, host);
  await envoy.settled((s) => s[statOf("outlier_detection.ejections_active")] === 1);
  deepStrictEqual([(await get(port, host)).body, (await get(port, host)).body], ["far", "far"]);
});

test("localities get the shares that a rule gives them, and one that it does not name gets nothing", async () => {
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => bed.server({ name })));
  const places = [
    { port: a?.port ?? 0, locality: "eu/eu-1" },
    { port: b?.port ?? 0, locality: "eu/eu-2" },
    { port: c?.port ?? 0, locality: "us/us-1" },
  ];
  const policy =
    '{loadBalancer: {localityLbSetting: {distribute: [{from: "eu/*", to: {"eu/eu-1": 75, "eu/eu-2": 25}}]}}}';
  const envoy = await bed.proxy(mesh(places, policy));
  const port = await envoy.port("out");
  for (let i = 0; i < 100; i++) await get(port, host);
  // Envoy divides by a weighted round robin, so the shares are exact but for the first round.
  ok(Math.abs((a?.seen.length ?? 0) - 75) <= 4, `${a?.seen.length} of 100`);
  strictEqual(c?.seen.length, 0);
});

test("codes that a rule names count as errors, and only they", async () => {
  const good = await bed.server({ name: "good" });
  const bad = await bed.server({ name: "bad", status: 429 });
  const policy =
    "{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100, outlierDetectionHttpErrorCodes: [418, 429]}}";
  const envoy = await bed.proxy(mesh([{ port: good.port }, { port: bad.port }], policy));
  const port = await envoy.port("out");
  while (bad.seen.length === 0) await get(port, host);
  await envoy.settled((s) => s[statOf("outlier_detection.ejections_active")] === 1);
  strictEqual((await get(port, host)).body, "good");
});

test("what is above the connection pool's limits is turned away", async () => {
  let release = () => {};
  const hold = new Promise<void>((done) => (release = done));
  const slow = await bed.server({ name: "slow", hold });
  const envoy = await bed.proxy(
    mesh([{ port: slow.port }], "{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}"),
  );
  const port = await envoy.port("out");
  const first = get(port, host);
  while (slow.seen.length === 0) await new Promise((done) => setTimeout(done, 5));
  const answers = [first, ...[2, 3, 4].map(() => get(port, host))];
  const stats = await envoy.settled((s) => (s[statOf("upstream_rq_pending_overflow")] ?? 0) >= 2);
  strictEqual(stats[statOf("upstream_cx_active")], 1);
  release();
  const statuses = (await Promise.all(answers)).map((a) => a.status).sort();
  deepStrictEqual(statuses, [200, 200, 503, 503]);
});

test("a consistent hash sends the same header to the same endpoint, with no word of it in the route", async () => {
  const servers = await Promise.all(["a", "b", "c"].map((name) => bed.server({ name })));
  const policy = "{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}";
  const envoy = await bed.proxy(
    mesh(
      servers.map((s) => ({ port: s.port })),
      policy,
    ),
  );
  const port = await envoy.port("out");
  const places = new Map<string, Set<string>>();
  for (const user of [..."abcdefghijklmnopqrst", ..."abcdefghijklmnopqrst"]) {
    const { body } = await get(port, host, { "x-user": user });
    places.set(user, (places.get(user) ?? new Set()).add(body));
  }
  deepStrictEqual(
    [...places.values()].map((p) => p.size),
    places.size === 20 ? Array(20).fill(1) : [],
  );
  ok(new Set([...places.values()].flatMap((p) => [...p])).size > 1, "all users went to one endpoint");
});
