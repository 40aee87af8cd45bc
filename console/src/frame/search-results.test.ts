import { expect, it } from "vitest";
import { configPath, find, type SearchResult } from "./search-results.ts";

const result = (name: string, kind = "Workload", health?: SearchResult["health"]): SearchResult => ({
  id: `${kind} ${name}`,
  kind,
  name,
  namespace: "default",
  to: `/x/${name}`,
  ...(health ? { health } : {}),
});
const all = [
  result("old-reviews"),
  result("reviews-v1"),
  result("reviews", "VirtualService"),
  result("previews"),
  result("ratings", "Service", "failing"),
];
const names = (typed: string) => find(all, typed).map((r) => r.name);

it("puts the exact name first, then beginnings, then words, then anything", () => {
  expect(names("reviews")).toEqual(["reviews", "reviews-v1", "old-reviews", "previews"]);
});

it("wants every word, in name, kind or namespace", () => {
  expect(names("virtual rev")).toEqual(["reviews"]);
  expect(names("reviews nowhere")).toEqual([]);
});

it("shows what is wrong before anything was typed", () => expect(names("  ")).toEqual(["ratings"]));

it("escapes what an address cannot hold", () => {
  expect(configPath({ type: "Gateway.networking.istio.io", namespace: "", name: "a/b" })).toBe(
    "/config/Gateway.networking.istio.io/-/a%2Fb",
  );
});
