import { expect, it } from "vitest";
import { edgesOf } from "../edges.ts";
import { graphOf } from "../graph.ts";
import { rosterOf } from "../roster.ts";
import { calmMesh, labels, latency, object, requests, snapshotOf } from "../testdata/bookinfo.ts";
import type { Lens } from "./lens.ts";
import { withNoise } from "./noise.ts";
import { traitsOf } from "./traits.ts";

const page = "productpage-v1";
const to = (name: string, more = {}) => labels("destination", page, name, more);
const totals = [
  requests(60, to("reviews-v1")),
  latency(to("reviews-v1"), [0, 60, 0, 0, 0, 0, 0, 0]),
  requests(20, to("reviews-v2")),
  requests(20, to("reviews-v2", { response_code: "503" })),
  latency(to("reviews-v2"), [0, 0, 0, 0, 0, 40, 0, 0]),
];
const roster = rosterOf(calmMesh());
const query = { at: 1_700_000_000_000, window: 60, namespaces: new Set<string>() };
const see = (lens: Partial<Lens>, more = {}, all = totals, operations = false) =>
  graphOf(
    edgesOf({ covered: 10_000, totals: all }, { operations }),
    roster,
    { ...query, lens: { type: "workload", services: false, operations: false, ...lens }, ...more },
    {
      services: new Map([["reviews.default.svc.cluster.local", { namespace: "default", labels: { app: "reviews" } }]]),
    },
  );
const reviews = "service/default/reviews.default.svc.cluster.local";

it("makes one app of its versions: counts add up, percentiles are of all requests together", () => {
  const { nodes, edges } = see({ type: "app" });
  expect(nodes.map((n) => [n.id, n.app, n.version, n.health, n.workloads])).toEqual([
    ["app/default/productpage", "productpage", "", "healthy", ["workload/default/productpage-v1"]],
    ["app/default/reviews", "reviews", "", "failing", ["workload/default/reviews-v1", "workload/default/reviews-v2"]],
  ]);
  expect(edges).toHaveLength(1);
  expect(edges[0]).toMatchObject({ rate: 10, errorShare: 0.2, codes: { "200": 8, "503": 2 } });
  // 60 of 100 took 1 to 5 ms, so half of them came within the first 50 of these 60
  expect(edges[0]?.p50).toBeCloseTo(1 + 4 * (50 / 60));
  expect(edges[0]?.p99).toBeGreaterThan(50);
});

it("keeps versions apart where they are asked for", () => {
  const ids = see({ type: "versioned" }).nodes.map((n) => [n.id, n.version]);
  expect(ids).toContainEqual(["app/default/reviews/v2", "v2"]);
});

it("shows services in place of what serves them, and a caller as the service that it is called as", () => {
  const chain = [...totals, requests(10, labels("destination", "reviews-v2", "ratings-v1"))];
  const { nodes, edges } = see({ type: "service" }, {}, chain);
  expect(edges.map((e) => [e.source, e.target, e.rate])).toEqual([
    ["workload/default/productpage-v1", reviews, 10],
    [reviews, "service/default/ratings.default.svc.cluster.local", 1],
  ]);
  expect(nodes.find((n) => n.id === reviews)).toMatchObject({
    type: "service",
    labels: { app: "reviews" },
    inMesh: true,
  });
});

it("puts the service between caller and callee", () => {
  const { edges } = see({ services: true });
  expect(edges.map((e) => [e.source, e.target, e.rate])).toEqual([
    ["workload/default/productpage-v1", reviews, 10],
    [reviews, "workload/default/reviews-v1", 6],
    [reviews, "workload/default/reviews-v2", 4],
  ]);
});

it("puts operations before the callee, where servers report them", () => {
  const told = [requests(30, to("reviews-v1", { request_operation: "Get" })), requests(10, to("reviews-v1"))];
  const { nodes, edges } = see({ operations: true }, {}, told, true);
  expect(nodes.map((n) => n.id)).toContain("operation/default/reviews/Get");
  expect(edges.map((e) => [e.source.split("/").at(-1), e.target.split("/").at(-1), e.rate]).sort()).toEqual([
    ["Get", "reviews-v1", 3],
    ["productpage-v1", "Get", 3],
    ["productpage-v1", "reviews-v1", 1],
  ]);
});

it("folds a large graph into namespaces, with their sums; one that is opened shows what is in it", () => {
  const folded = see({}, { fold: 1 });
  expect(folded.nodes.map((n) => [n.id, n.members, n.health])).toEqual([["namespace/default", 3, "failing"]]);
  expect([folded.edges, folded.folded]).toEqual([[], { nodes: 3, namespaces: ["default"] }]);
  const opened = see({}, { fold: 1, opened: new Set(["default"]) });
  expect([opened.nodes.length, opened.edges.length]).toEqual([3, 2]);
});

it("leaves scrapes and probes out until they are asked for", () => {
  const scraped = [...totals, requests(5, labels("destination", "prometheus", "reviews-v1"))];
  const marked = withNoise(edgesOf({ covered: 10_000, totals: scraped }), roster, []);
  const shown = graphOf(marked, roster, query);
  expect([shown.noise, shown.nodes.some((n) => n.name === "prometheus")]).toEqual([1, false]);
  expect(graphOf(marked, roster, { ...query, noise: true }).edges.find((e) => e.noise)?.rate).toBe(0.5);
});

it("takes nameless callers for probes only where all that was told of them is", () => {
  const edge = edgesOf({
    covered: 10_000,
    totals: [requests(5, labels("destination", "unknown", "reviews-v1"))],
  });
  const told = (...paths: string[]) =>
    paths.map((path) => ({
      what: "call" as const,
      source: { address: "10.0.0.1" },
      destination: { namespace: "default", workload: "reviews-v1", labels: {} },
      port: 9080,
      protocol: "http" as const,
      path,
      count: 1,
      first: 0,
      last: 0,
    }));
  const noise = (...paths: string[]) => withNoise(edge, roster, told(...paths))[0]?.noise;
  expect([noise(), noise("/healthz", "/metrics"), noise("/healthz", "/reviews/1")]).toEqual([
    undefined,
    true,
    undefined,
  ]);
});

it("reads badges off the configuration, a subset's circuit breaker for its versions alone", () => {
  const service = object("Service", "reviews", { selector: { app: "reviews" } }, { apiVersion: "v1" });
  const route = (weight: number, subset: string) => ({ destination: { host: "reviews", subset }, weight });
  const snapshot = snapshotOf(
    service,
    object("VirtualService", "reviews", {
      hosts: ["reviews"],
      http: [{ route: [route(90, "v1"), route(10, "v2")], timeout: "1s", fault: { delay: {} }, mirror: { host: "x" } }],
    }),
    object("DestinationRule", "reviews", {
      host: "reviews.default.svc.cluster.local",
      subsets: [{ name: "v2", labels: { version: "v2" }, trafficPolicy: { outlierDetection: {} } }],
    }),
    object("ServiceEntry", "api", { hosts: ["*.example.com"] }),
  );
  const traits = traitsOf(snapshot, roster, "cluster.local");
  const common = [
    "faultInjection",
    "mirroring",
    "requestRouting",
    "requestTimeout",
    "trafficShifting",
    "virtualService",
  ];
  const of = (name: string) => [...(traits.workloads.get(`workload/default/${name}`) ?? [])].sort();
  expect(of("reviews-v1")).toEqual(common);
  expect(of("reviews-v2")).toEqual(["circuitBreaker", ...common]);
  expect(of("productpage-v1")).toEqual([]);
  const call = labels("source", page, "api", {
    destination_workload: "unknown",
    destination_service: "v1.example.com",
    destination_service_name: "PassthroughCluster",
  });
  const known = { traits };
  const graph = (l: typeof call) =>
    graphOf(edgesOf({ covered: 10_000, totals: [requests(1, l)] }), roster, query, known);
  const outside = (l: typeof call) => graph(l).nodes.find((n) => n.type === "external");
  expect(outside(call)).toMatchObject({ name: "v1.example.com", serviceEntry: "default/api" });
  expect(outside({ ...call, destination_service: "other.org" })).toMatchObject({ reach: "passthrough" });
  expect(outside({ ...call, destination_service: "PassthroughCluster" })?.name).toBe("unnamed host");
});
