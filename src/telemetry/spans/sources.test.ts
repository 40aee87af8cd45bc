import { expect, test } from "vitest";
import type { SpanQuery } from "../../model/span.ts";
import { jaegerSource } from "./jaeger-source.ts";
import { tempoSource } from "./tempo-source.ts";
import { zipkinSource } from "./zipkin-source.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const node = (pod: string) => `sidecar~10.0.0.1~${pod}.shop~shop.svc.cluster.local`;
const all: SpanQuery = { from: 1000, to: 61_000, namespaces: [], tags: {}, limit: 10 };
const web = { namespace: "shop", name: "web-v1" };
const cart = { namespace: "shop", name: "cart-v1" };

const zipkin = (over: object) => ({
  ...{ traceId: trace, id: "1", kind: "SERVER", name: "x", timestamp: 2_000_000, duration: 40_000 },
  ...{ localEndpoint: { serviceName: "web.shop" }, tags: { node_id: node("web-v1-abc") } },
  ...over,
});
const spans = [
  zipkin({}),
  zipkin({
    ...{ id: "2", parentId: "1", kind: "CLIENT", duration: 20_000 },
    tags: { node_id: node("web-v1-abc"), "upstream_cluster.name": "outbound|80||cart.shop.svc" },
  }),
  zipkin({
    id: "3",
    parentId: "2",
    duration: 9000,
    localEndpoint: { serviceName: "cart.shop" },
    tags: { "http.status_code": "503" },
  }),
];

/** A store that answers so; what it was asked is kept. */
function asking(answers: Readonly<Record<string, unknown>>) {
  const urls: string[] = [];
  return {
    urls,
    url: "http://store",
    get: async (url: string) => {
      urls.push(decodeURIComponent(url).replaceAll("+", " "));
      const path = new URL(url).pathname;
      if (!(path in answers)) throw new Error("connection refused");
      return answers[path];
    },
    ownerOf: (text: string) => {
      const pod = text.split("~")[2]?.split(".")[0] ?? "";
      return { namespace: "shop", workload: pod.replace(/-[^-]+$/, ""), pod };
    },
  };
}

test("Zipkin is asked, and its spans are of the workloads whose Pods reported them", async () => {
  const store = asking({ "/api/v2/traces": [spans], [`/api/v2/trace/${trace}`]: spans });
  const source = zipkinSource(store);
  const { traces, more } = await source.search({ ...all, atLeast: 5, tags: { "http.status_code": "503" } });
  expect(store.urls[0]).toBe(
    "http://store/api/v2/traces?endTs=61000&lookback=60000&limit=1000&minDuration=5000&annotationQuery=http.status_code=503",
  );
  expect(more).toBe(false);
  expect(traces[0]?.map((s) => [s.workload, s.namespace, s.pod])).toEqual([
    ["web-v1", "shop", "web-v1-abc"],
    ["web-v1", "shop", "web-v1-abc"],
    ["cart", "shop", undefined],
  ]);
  expect(await source.trace(trace)).toHaveLength(3);
});

test.each<[string, Partial<SpanQuery>, number]>([
  ["a workload", { subject: { workloads: [web] } }, 1],
  ["another workload", { subject: { workloads: [cart] } }, 0],
  ["a service", { subject: { service: "cart.shop.svc" } }, 1],
  ["an edge", { subject: { edge: { source: web, target: { namespace: "shop", name: "cart" } } } }, 1],
  ["an edge the other way", { subject: { edge: { source: cart, target: web } } }, 0],
  ["a namespace", { namespaces: ["bank"] }, 0],
  ["failures", { failed: true }, 1],
  ["what took longer", { atLeast: 50 }, 0],
  ["what took longer there", { atLeast: 30, subject: { service: "cart.shop.svc" } }, 0],
  ["a tag", { tags: { "http.status_code": "200" } }, 0],
])("of its answer only what fits %s is told", async (_, query, count) => {
  const source = zipkinSource(asking({ "/api/v2/traces": [spans] }));
  expect((await source.search({ ...all, ...query })).traces).toHaveLength(count);
});

test("Tempo is asked in TraceQL, and its traces are read one by one, ids in base64 too", async () => {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
  const whole = {
    batches: [
      {
        resource: { attributes: [attribute("service.name", "web.shop")] },
        scopeSpans: [
          {
            spans: [
              {
                ...{ traceId: base64(trace), spanId: base64("00f067aa0ba902b7"), parentSpanId: "", name: "x" },
                ...{ kind: "SPAN_KIND_SERVER", startTimeUnixNano: "2000000000000", endTimeUnixNano: "2000007450000" },
                attributes: [
                  attribute("node_id", node("web-v1-abc")),
                  { key: "http.status_code", value: { intValue: "200" } },
                ],
                status: { code: "STATUS_CODE_ERROR" },
              },
              { traceId: "odd" },
            ],
          },
        ],
      },
    ],
  };
  const store = asking({
    "/api/search": { traces: [{ traceID: trace }, { traceID: "../x" }] },
    [`/api/traces/${trace}`]: whole,
  });
  const { traces } = await tempoSource(store).search({ ...all, failed: true, atLeast: 2, tags: { 'a"b': "c" } });
  expect(store.urls[0]).toBe(
    'http://store/api/search?q={ traceDuration >= 2ms && status = error && span."a\\"b" = "c" }&start=1&end=61&limit=20',
  );
  expect(traces).toEqual([]);
  const found = await tempoSource(store).search({ ...all, failed: true });
  expect(found.traces).toEqual([
    [
      {
        ...{
          trace,
          id: "00f067aa0ba902b7",
          kind: "server",
          name: "x",
          start: 2_000_000_000,
          duration: 7450,
          failed: true,
        },
        ...{ namespace: "shop", workload: "web-v1", pod: "web-v1-abc", tags: { "http.status_code": "200" } },
      },
    ],
  ]);
});

test("Jaeger is asked service by service, and its traces are told once, with those of other tools' spans", async () => {
  // As a real Jaeger answered; only what is not read is cut.
  const of = (over: object, tags: readonly (readonly [string, string | boolean | number])[]) => ({
    ...{ traceID: trace, operationName: "x", references: [], startTime: 2_000_000, duration: 40_000, processID: "p1" },
    ...{ tags: tags.map(([key, value]) => ({ key, type: typeof value, value })), logs: [], warnings: null },
    ...over,
  });
  const child = { references: [{ refType: "CHILD_OF", traceID: trace, spanID: "00f067aa0ba902b7" }], processID: "p2" };
  const whole = {
    ...{ traceID: trace, warnings: null },
    spans: [
      of({ spanID: "00f067aa0ba902b7" }, [
        ["node_id", node("web-v1-abc")],
        ["span.kind", "client"],
        ["upstream_cluster.name", "outbound|80||cart.shop.svc"],
      ]),
      of({ ...child, spanID: "00f067aa0ba902b8", duration: 9000 }, [
        ["span.kind", "server"],
        ["http.status_code", 503],
        ["otel.status_code", "ERROR"],
        ["error", true],
      ]),
      { spanID: "odd" },
    ],
    processes: { p1: { serviceName: "web.shop", tags: [] }, p2: { serviceName: "cart.shop", tags: [] } },
  };
  const answer = { data: [whole], total: 0, limit: 0, offset: 0, errors: null };
  const store = asking({
    "/api/services": { data: ["cart.shop", "web.shop"], errors: null },
    "/api/traces": answer,
    [`/api/traces/${trace}`]: answer,
  });
  const query = {
    ...all,
    subject: { workloads: [web] },
    failed: true,
    atLeast: 5,
    tags: { "http.status_code": "503" },
  };
  const { traces, more } = await jaegerSource(store).search(query);
  expect(store.urls[1]).toBe(
    'http://store/api/traces?service=web.shop&start=1000000&end=61000000&limit=20&minDuration=5000us&tags={"http.status_code":"503","error":"true"}',
  );
  expect([store.urls.length, more]).toEqual([3, false]);
  expect(traces.map((spans) => spans.map((s) => [s.kind, s.workload, s.service, s.parent, s.failed]))).toEqual([
    [
      ["client", "web-v1", "cart.shop.svc", undefined, false],
      ["server", "cart", undefined, "00f067aa0ba902b7", true],
    ],
  ]);
  expect((await jaegerSource(store).search({ ...query, subject: { workloads: [cart] } })).traces).toEqual([]);
  expect(await jaegerSource(store).trace(trace)).toHaveLength(2);
  expect(await jaegerSource({ ...store, get: async () => undefined }).trace(trace)).toEqual([]);
});

test("a store that does not answer is named", async () => {
  await expect(zipkinSource(asking({})).search(all)).rejects.toThrow(
    "traces are at http://store, which does not answer (connection refused)",
  );
});

test("a trace that it does not know is none", async () => {
  const store = { ...asking({}), get: async () => undefined };
  expect(await zipkinSource(store).trace(trace)).toEqual([]);
  expect(await tempoSource(store).trace(trace)).toEqual([]);
});
