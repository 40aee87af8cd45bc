import type { Page } from "playwright-core";
import { expect } from "vitest";
import { factsOf } from "../../console/src/traffic/find/facts.ts";
import { matching } from "../../console/src/traffic/find/match.ts";
import { parse } from "../../console/src/traffic/find/parse.ts";
import type { Graph } from "../../src/api/contract/graph.ts";
import { serious } from "../console/axe.ts";

/** Pages of the running sample under load, each with words of it that only a mesh with traffic can have given. */
export const pages: readonly (readonly [path: string, words: RegExp])[] = [
  ["/overview", /reviews-v[23] gets 50[03] for ratings/],
  ["/mesh", /7 proxies with Envoy/],
  ["/namespaces", /default/],
  ["/namespaces/default", /6 of 6|6\/6|all 6/],
  ["/applications/default/reviews", /reviews-v3/],
  ["/services/default/ratings", /ratings-v1/],
  ["/services/default/reviews?tab=traffic", /productpage-v1/],
  ["/workloads/default/reviews-v2", /1 of 1 ready/],
  ["/workloads/default/reviews-v2?tab=traffic", /ratings/],
  ["/workloads/default/productpage-v1?tab=metrics", /\/s/],
  ["/workloads/default/productpage-v1?tab=logs", /productpage/],
  ["/workloads/default/productpage-v1?tab=traces", /went well/],
  ["/workloads/default/productpage-v1?tab=envoy", /reviews\.default\.svc\.cluster\.local/],
  ["/gateways/istio-system/istio-ingressgateway", /bookinfo/],
  ["/outside", /outside/i],
  ["/certificates", /ns\/default\/sa\/bookinfo-reviews/],
  ["/sync", /reviews-v2-/],
  ["/check", /they are in sync/],
  ["/traces", /went well/],
  ["/tap", /GET \/productpage/],
  ["/findings", /Findings/],
  ["/config", /ratings-fault/],
];

/** A page shows what the mesh does, complains of nothing, and breaks no serious rule of axe, in light and in dark. */
export async function looksWell(page: Page, url: string, words: RegExp, complaints: readonly string[]): Promise<void> {
  await page.goto(url);
  await page.locator("main").getByText(words).first().waitFor({ timeout: 60_000 });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await serious(page), `${url} in ${colorScheme}`).toEqual([]);
  }
  expect(complaints, url).toEqual([]);
}

/** Find's expressions, and the nodes (by name) and edges (`from>to`) that they mean on the sample with the fault. */
export const finds: readonly (readonly [expression: string, found: readonly string[]])[] = [
  ["app = reviews", ["reviews-v1", "reviews-v2", "reviews-v3"]],
  ["name contains rev and version = v2", ["reviews-v2"]],
  ["(app = reviews or app = details) and version = v1", ["details-v1", "reviews-v1"]],
  ["node = workload and app startswith product", ["productpage-v1"]],
  ["httpout > 0 and app = reviews", ["reviews-v2", "reviews-v3"]],
  ["has faultinjection and node = workload", ["ratings-v1"]],
  ["!sidecar and node = workload", []],
];

/** What an expression finds on a graph. */
export function foundOn(graph: Graph, expression: string): readonly string[] {
  const read = parse(expression);
  if (!read) throw new Error(`${expression} says nothing`);
  const { nodes, edges } = matching(read, factsOf(graph));
  const name = (id: string) => graph.nodes.find((n) => n.id === id)?.name.split(".")[0] ?? id;
  const ends = graph.edges.filter((e) => edges.has(e.id)).map((e) => `${name(e.source)}>${name(e.target)}`);
  return [...new Set([...[...nodes].map(name), ...ends])].sort();
}
