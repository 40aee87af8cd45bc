import { expect, it } from "vitest";
import { titleOf } from "./title.ts";

const place = (path: string, params = {}, search = {}) => titleOf({ path, params, search });

it("calls a page by what is open on it, first", () => {
  expect(place("/overview")).toBe("Overview · Weft");
  expect(place("/workloads/$namespace/$name", { namespace: "default", name: "reviews-v1" })).toBe(
    "reviews-v1 · Workloads · Weft",
  );
  expect(place("/workloads/$namespace/$name", { namespace: "default", name: "reviews-v1" }, { tab: "logs" })).toBe(
    "reviews-v1 logs · Workloads · Weft",
  );
  expect(place("/findings/$code", { code: "IST0101" })).toBe("IST0101 · Findings · Weft");
});

it("names nodes, edges and objects as people do", () => {
  expect(place("/traffic/node/$", { _splat: "workload/default/reviews-v1" })).toBe("reviews-v1 · Traffic · Weft");
  expect(place("/traffic/node/$", { _splat: "app/default/reviews/v2" })).toBe("reviews v2 · Traffic · Weft");
  expect(
    place("/traffic/edge/$", { _splat: "workload/default/reviews-v1>workload/default/ratings-v1>http>ratings" }),
  ).toBe("reviews-v1 to ratings-v1 · Traffic · Weft");
  expect(
    place("/config/edit/$type/$namespace/$name", {
      type: "VirtualService.networking.istio.io",
      namespace: "default",
      name: "reviews",
    }),
  ).toBe("VirtualService reviews · Config · Weft");
  expect(place("/config/new/$wizard", { wizard: "traffic-shifting" })).toBe("traffic shifting · Config · Weft");
});

it("has a name where there is no page", () => expect(place("/nowhere")).toBe("Weft"));
