import { describe, expect, test } from "vitest";
import type { Increment } from "../model/sample.ts";
import { edgesOf } from "./edges.ts";
import { withOpen } from "./open-connections.ts";
import { labels, latency, requests } from "./testdata/bookinfo.ts";

const edges = (totals: readonly Increment[], covered = 10_000) => edgesOf({ covered, totals });
const id = "workload/default/productpage-v1>workload/default/reviews-v1>http>reviews.default.svc.cluster.local";
const from = "productpage-v1";

describe("who is believed", () => {
  test("the server, for what both ends saw", () => {
    const [edge, ...rest] = edges([
      requests(110, labels("source", from, "reviews-v1")),
      requests(100, labels("destination", from, "reviews-v1")),
      latency(labels("source", from, "reviews-v1"), [0, 0, 110, 0, 0, 0, 0, 0]),
      latency(labels("destination", from, "reviews-v1"), [0, 100, 0, 0, 0, 0, 0, 0]),
    ]);
    expect(rest).toEqual([]);
    expect(edge).toMatchObject({ id, rate: 10, errorShare: 0, p50: 3, mtlsShare: 1, codes: { "200": 10 }, flags: {} });
    expect(edge?.reporters).toEqual(new Set(["workload/default/productpage-v1", "workload/default/reviews-v1"]));
  });

  test("the client, for what never reached the server", () => {
    const [edge] = edges([
      requests(90, labels("source", from, "reviews-v1")),
      requests(10, labels("source", from, "reviews-v1", { response_code: "503", response_flags: "UF,URX" })),
      requests(90, labels("destination", from, "reviews-v1")),
    ]);
    expect(edge).toMatchObject({ rate: 10, errorShare: 0.1, codes: { "200": 9, "503": 1 }, flags: { UF: 1, URX: 1 } });
  });

  test("nobody, on the encryption of what never left", () => {
    const never = labels("source", from, "reviews-v1", {
      response_code: "503",
      response_flags: "UH",
      destination_principal: "unknown",
    });
    expect(edges([requests(9, never)])[0]?.mtlsShare).toBe(1);
    expect(edges([requests(9, never), requests(1, labels("source", from, "reviews-v1"))])[0]?.mtlsShare).toBe(1);
  });

  test("the client alone, where the server has no proxy", () => {
    const [edge] = edges([requests(20, labels("source", from, "reviews-v1", { destination_principal: "unknown" }))]);
    expect(edge).toMatchObject({ rate: 2, mtlsShare: 0 });
  });

  test("the client alone, where the server counts nothing", () => {
    const refused = { response_code: "503", response_flags: "UF,URX" };
    const [edge, ...rest] = edges([
      requests(60, labels("source", from, "reviews-v1")),
      requests(30, labels("source", from, "reviews-v1", { response_code: "500" })),
      requests(10, labels("source", from, "reviews-v1", refused)),
      latency(labels("source", from, "reviews-v1"), [0, 0, 90, 0, 0, 0, 0, 0]),
    ]);
    expect(rest).toEqual([]);
    const codes = { "200": 6, "500": 3, "503": 1 };
    expect(edge).toMatchObject({ id, rate: 10, errorShare: 0.4, mtlsShare: 1, codes, flags: { UF: 1, URX: 1 } });
    expect(edge?.latency?.counts).toEqual([0, 0, 90, 0, 0, 0, 0, 0]);
  });

  test("the client, where the server counted a part of the time alone", () => {
    const [edge] = edges([
      requests(80, labels("source", from, "reviews-v1")),
      requests(20, labels("source", from, "reviews-v1", { response_code: "500" })),
      requests(30, labels("destination", from, "reviews-v1")),
      latency(labels("source", from, "reviews-v1"), [0, 0, 100, 0, 0, 0, 0, 0]),
      latency(labels("destination", from, "reviews-v1"), [30, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    expect(edge).toMatchObject({ rate: 10, errorShare: 0.2, codes: { "200": 8, "500": 2 } });
    expect(edge?.latency?.counts).toEqual([0, 0, 100, 0, 0, 0, 0, 0]);
  });

  test("a client's unknown policy is mutual TLS where both certificates were seen", () => {
    expect(edges([requests(20, labels("source", from, "reviews-v1"))])[0]?.mtlsShare).toBe(1);
  });

  test("the client, where the server knows a TCP client by its ServiceAccount alone", () => {
    const tcp = { request_protocol: "tcp", source_principal: "spiffe://cluster.local/ns/default/sa/bookinfo-ratings" };
    const counter = (name: string, value: number, l: Record<string, string>) => ({ name, value, labels: l });
    const found = edges([
      counter("istio_tcp_connections_opened_total", 5, { ...labels("source", "ratings-v2", "mariadb", tcp) }),
      counter("istio_tcp_sent_bytes_total", 5000, { ...labels("source", "ratings-v2", "mariadb", tcp) }),
      counter("istio_tcp_connections_opened_total", 5, {
        ...labels("destination", "bookinfo-ratings", "mariadb", tcp),
      }),
    ]);
    expect(found.map((e) => [e.source, e.protocol, e.rate, e.bytesSentRate, e.mtlsShare])).toEqual([
      ["workload/default/ratings-v2", "tcp", 0.5, 500, 1],
    ]);
  });

  test("the client, where the server does not know a plaintext client's namespace; the policy is the client's too", () => {
    const plain = {
      source_workload_namespace: "unknown",
      source_principal: "unknown",
      connection_security_policy: "none",
    };
    const found = edges([
      requests(
        20,
        labels("source", from, "reviews-v1", { source_principal: "unknown", destination_principal: "unknown" }),
      ),
      requests(20, labels("destination", from, "reviews-v1", plain)),
    ]);
    expect(found.map((e) => [e.source, e.rate, e.mtlsShare])).toEqual([["workload/default/productpage-v1", 2, 0]]);
  });

  test("the server, for a caller from outside of the mesh", () => {
    const stranger = {
      source_workload: "unknown",
      source_workload_namespace: "unknown",
      connection_security_policy: "none",
    };
    const found = edges([
      requests(20, labels("source", from, "reviews-v1")),
      requests(20, labels("destination", from, "reviews-v1")),
      requests(7, labels("destination", from, "reviews-v1", stranger)),
    ]);
    expect(found.map((e) => [e.source, e.rate, e.mtlsShare])).toEqual([
      ["unknown", 0.7, 0],
      ["workload/default/productpage-v1", 2, 1],
    ]);
  });
});

describe("what fails", () => {
  test.each([
    [{ response_code: "404" }, 0],
    [{ response_code: "500" }, 1],
    [{ response_code: "0", response_flags: "DC" }, 1],
    [{ request_protocol: "grpc", grpc_response_status: "0" }, 0],
    [{ request_protocol: "grpc", grpc_response_status: "14" }, 1],
    [{ request_protocol: "grpc", grpc_response_status: "unknown" }, 0],
  ])("%o: share %d", (more, share) => {
    expect(
      edges([requests(3, labels("destination", from, "reviews-v1", more as Record<string, string>))])[0]?.errorShare,
    ).toBe(share);
  });
});

describe("where it goes", () => {
  const nowhere = { destination_workload: "unknown", destination_workload_namespace: "unknown" };
  test.each([
    [{}, "service/default/reviews.default.svc.cluster.local"],
    [{ destination_service: "api.example.com" }, "external/api.example.com"],
    [{ destination_service: "unknown", destination_service_name: "PassthroughCluster" }, "external/unnamed host"],
    [
      { destination_service: "shop.default.svc", destination_service_name: "AllowAnyDynamicDNSCluster" },
      "external/shop.default.svc",
    ],
    [
      { destination_service: "shop.example.com", destination_service_name: "BlackHoleCluster" },
      "external/shop.example.com",
    ],
    [{ destination_service: "unknown", destination_service_name: "unknown" }, "unknown"],
  ])("%o leads to %s", (more, target) => {
    expect(edges([requests(1, labels("source", from, "reviews-v1", { ...nowhere, ...more }))])[0]?.target).toBe(target);
  });
});

describe("open connections", () => {
  const tcp = { request_protocol: "tcp" };
  const count = (what: string, value: number, to: string): Increment => ({
    name: `istio_tcp_connections_${what}_total`,
    value,
    labels: labels("source", "ratings-v2", to, tcp),
  });
  test("keep an edge on the graph when nothing new is counted of it", () => {
    const window = edges([count("opened", 2, "mysqldb"), count("opened", 1, "redis"), count("closed", 3, "redis")]);
    const history = {
      totals: [
        count("opened", 12, "mysqldb"),
        count("closed", 4, "mysqldb"),
        count("opened", 5, "ldap"),
        count("opened", 3, "redis"),
        count("closed", 3, "redis"),
      ],
    };
    const found = withOpen(window, history);
    expect(found.map((e) => [e.target, e.rate, e.open, e.mtlsShare])).toEqual([
      ["workload/default/mysqldb", 0.2, 8, 1],
      ["workload/default/redis", 0.1, undefined, 1],
      ["workload/default/ldap", 0, 5, 1],
    ]);
  });
});

test("a time that nobody looked at has no rates, and nothing divides by zero", () => {
  expect(edges([requests(3, labels("source", from, "reviews-v1"))], 0)[0]).toMatchObject({
    rate: 0,
    errorShare: 0,
    codes: { "200": 0 },
  });
});
