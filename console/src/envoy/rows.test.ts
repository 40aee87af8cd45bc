import { expect, test } from "vitest";
import type { ConfigType } from "../../../src/api/contract/proxy-config.ts";
import { matching, rowsOf } from "./rows.ts";

const cells = (type: ConfigType, name: string, resource: unknown) =>
  rowsOf(type, [{ name, version: "1", origins: ["reviews.yaml:3:1"], resource }]).map((row) => row.cells);

test("clusters by the parts of their names", () => {
  const name = "outbound|9080|v1|reviews.default.svc.cluster.local";
  expect(cells("cluster", name, { type: "EDS" })).toEqual([
    ["reviews.default.svc.cluster.local", "9080", "v1", "outbound", "EDS"],
  ]);
  expect(cells("cluster", "inbound|9080||", { type: "ORIGINAL_DST" })[0]?.[0]).toBe("(this workload)");
  expect(cells("cluster", "PassthroughCluster", {})).toEqual([["PassthroughCluster", "", "", "", "STATIC"]]);
});

test.each([
  {
    address: { socketAddress: { address: "0.0.0.0", portValue: 9080 } },
    filterChains: [{}, {}],
    trafficDirection: "OUTBOUND",
  },
  {
    address: { socket_address: { address: "0.0.0.0", port_value: 9080 } },
    filter_chains: [{}, {}],
    traffic_direction: "OUTBOUND",
  },
])("listeners in either spelling", (resource) => {
  expect(cells("listener", "0.0.0.0_9080", resource)).toEqual([["0.0.0.0_9080", "0.0.0.0:9080", "outbound", "2"]]);
});

test("each route of a configuration is a line", () => {
  const routes = [
    { match: { prefix: "/api", headers: [{ name: "end-user" }] }, route: { cluster: "a" } },
    { match: { path: "/exact" }, directResponse: { status: 404 } },
    { match: { safeRegex: { regex: "^/v\\d" } }, redirect: {} },
    {
      match: { prefix: "/" },
      route: {
        weightedClusters: {
          clusters: [
            { name: "a", weight: 90 },
            { name: "b", weight: 10 },
          ],
        },
      },
    },
  ];
  const domains = ["reviews", "reviews.default", "10.0.0.1"];
  expect(cells("route", "9080", { virtualHosts: [{ domains, routes }] })).toEqual([
    ["9080", "reviews, reviews.default and 1 more", "/api* with end-user", "a"],
    ["9080", "reviews, reviews.default and 1 more", "/exact", "answers 404"],
    ["9080", "reviews, reviews.default and 1 more", "~ ^/v\\d", "redirects"],
    ["9080", "reviews, reviews.default and 1 more", "/*", "a (90), b (10)"],
  ]);
});

test("each endpoint is a line, and none is one, too", () => {
  const endpoint = { address: { socketAddress: { address: "10.0.0.7", portValue: 9080 } } };
  const lbEndpoints = [
    { endpoint, healthStatus: "UNHEALTHY", loadBalancingWeight: 3 },
    { endpoint, loadBalancingWeight: { value: 1 } },
  ];
  expect(cells("endpoint", "c", { endpoints: [{ lbEndpoints }] })).toEqual([
    ["c", "10.0.0.7:9080", "unhealthy", "3"],
    ["c", "10.0.0.7:9080", "healthy", "1"],
  ]);
  expect(cells("endpoint", "c", {})).toEqual([["c", "none", "", ""]]);
});

test("a filter finds by cells, names and origins, word by word", () => {
  const rows = rowsOf("cluster", [
    { name: "outbound|80||a.shop", version: "1", origins: ["a.yaml:1:1"], resource: {} },
    { name: "outbound|81||b.shop", version: "1", origins: ["b.yaml:9:1"], resource: {} },
  ]);
  expect(matching(rows, "SHOP b.yaml").map((row) => row.cells[0])).toEqual(["b.shop"]);
  expect(matching(rows, " ").length).toBe(2);
});
