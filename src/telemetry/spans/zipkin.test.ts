import { expect, test } from "vitest";
import { keeping } from "./keeping.ts";
import { readZipkin } from "./zipkin.ts";

const told = {
  traceId: "4BF92F3577B34DA6",
  id: "f067aa0ba902b7",
  parentId: "1",
  kind: "CLIENT",
  name: "reviews:9080/*",
  timestamp: 1_700_000_000_000_000,
  duration: 7450,
  localEndpoint: { serviceName: "productpage.default" },
  tags: {
    node_id: "sidecar~10.0.0.1~web-1.shop~shop.svc.cluster.local",
    "http.url": "http://reviews:9080/reviews/0?token=s3cret",
    "http.status_code": "503",
    "upstream_cluster.name": "outbound|9080|v1|reviews.default.svc.cluster.local",
    downstream_cluster: "-",
    response_flags: "UF",
    odd: 7,
  },
};

test("a proxy's span is read: ids at their full length, whom it called, whether that failed; a query is not kept", () => {
  expect(readZipkin([told])).toEqual([
    {
      ...{ trace: "00000000000000004bf92f3577b34da6", id: "00f067aa0ba902b7", parent: "0000000000000001" },
      ...{ kind: "client", name: "reviews:9080/*", start: told.timestamp, duration: 7450, failed: true },
      ...{ reporter: "productpage.default", node: told.tags.node_id, service: "reviews.default.svc.cluster.local" },
      tags: {
        "http.url": "http://reviews:9080/reviews/0",
        "http.status_code": "503",
        "upstream_cluster.name": "outbound|9080|v1|reviews.default.svc.cluster.local",
        response_flags: "UF",
      },
    },
  ]);
});

test.each([
  ["no id", { ...told, id: undefined }],
  ["an id that is no number", { ...told, id: "xyz" }],
  ["an id that is too long", { ...told, traceId: "0".repeat(33) }],
  ["no time", { ...told, timestamp: "yesterday" }],
  ["a negative duration", { ...told, duration: -1 }],
  ["nothing", null],
])("what has %s is left out, the rest is taken", (_, odd) => {
  expect(readZipkin([odd, told])).toHaveLength(1);
});

test("what is no list is refused", () => expect(() => readZipkin({ spans: [] })).toThrow());

test("an answer of gRPC is judged by its own status", () => {
  const of = (tags: Record<string, string>) => readZipkin([{ ...told, tags }])[0]?.failed;
  expect([
    of({ "http.status_code": "200", "grpc.status_code": "14" }),
    of({ "http.status_code": "200", "grpc.status_code": "0" }),
    of({ "http.status_code": "404" }),
    of({ error: "true" }),
    of({}),
  ]).toEqual([true, false, false, true, false]);
});

test("of more than there is room for a share of the traces is kept, each of them whole", () => {
  let now = 0;
  const kept = keeping(100, { now: () => now });
  const id = (i: number) => ((i * 2654435761) % 2 ** 32).toString(16).padStart(32, "0");
  const traces = Array.from({ length: 400 }, (_, i) => id(i));
  for (const trace of traces) kept(trace);
  now = 1000;
  const first = traces.filter(kept);
  now = 2000;
  const second = traces.filter(kept);
  expect(second).toEqual(first);
  expect(first.length).toBeGreaterThan(50);
  expect(first.length).toBeLessThan(150);
  now = 3000;
  expect(traces.slice(0, 80).filter(kept).length).toBeLessThan(50);
  now = 4000;
  expect(traces.slice(0, 80).filter(kept)).toHaveLength(80);
});
