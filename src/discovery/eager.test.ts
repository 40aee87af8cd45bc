import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { viewKey } from "../plan/view.ts";
import { Tracker } from "../track/tracker.ts";
import type { EagerPolicy } from "./eager-policy.ts";
import { clusterSet } from "./resources/clusters.ts";
import { askedRouteSet, askedScopeSet, scopeSet } from "./resources/routes.ts";

const at = { file: "t.yaml", line: 1, column: 1 };

function object(type: string, name: string, spec: unknown): Resource {
  const origin = { ...at, at: `${name}.yaml:1:1`, locate: () => at };
  const base = { type, namespace: "shop", name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0 };
  return Object.freeze({ ...base, generation: 1, spec, origin });
}

function service(name: string, port = 80): Resource {
  const clusterIP = `10.96.0.${name.length}`;
  return object(types.Service, name, { clusterIP, selector: { app: name }, ports: [{ name: "http", port }] });
}

const view = viewKey({ kind: "sidecar", namespace: "shop", labels: {} });
const put = (...objects: readonly Resource[]) => objects.map((o) => ({ put: o }));
const clustersOf = (tracker: Tracker, eager: EagerPolicy) =>
  tracker.ask(clusterSet, JSON.stringify({ view, secretsFrom: "ads", inbound: [], eager }));
const cart = "outbound|80||cart.shop.svc.cluster.local";
const stock = "outbound|80||stock.shop.svc.cluster.local";

test("with all, everything is there; with none, the same is there for who asks", () => {
  const tracker = new Tracker(apply(empty, put(service("cart"), service("stock"))));
  const [all, none] = [clustersOf(tracker, "all"), clustersOf(tracker, "none")];
  expect(all.onDemand).toBeUndefined();
  expect([...all.resources.keys()]).toEqual(expect.arrayContaining([cart, stock, "PassthroughCluster"]));
  expect([...none.resources.keys()].some((name) => name.startsWith("outbound|"))).toBe(false);
  expect(none.resources.has("PassthroughCluster")).toBe(true);
  expect(none.onDemand?.get(cart)).toBe(all.resources.get(cart));
});

test("a change of what is only asked for makes a new set; a change of nothing does not", () => {
  const before = apply(empty, put(service("cart"), service("stock")));
  const tracker = new Tracker(before);
  const first = clustersOf(tracker, "none");
  tracker.advance(apply(before, put(object(types.ConfigMap, "notes", {}))));
  expect(clustersOf(tracker, "none")).toBe(first);
  tracker.advance(apply(before, put(service("cart", 81))));
  const second = clustersOf(tracker, "none");
  expect(second).not.toBe(first);
  expect(second.onDemand?.get(cart)).toBeUndefined();
  expect(second.onDemand?.get("outbound|81||cart.shop.svc.cluster.local")).toBeDefined();
});

test("nobody asks for a cluster that gets copies of traffic: it is there", () => {
  const spec = {
    hosts: ["cart"],
    http: [{ route: [{ destination: { host: "cart" } }], mirror: { host: "stock" } }],
  };
  const tracker = new Tracker(
    apply(empty, put(service("cart"), service("stock"), object(types.VirtualService, "v", spec))),
  );
  const { resources, onDemand } = clustersOf(tracker, "none");
  expect(resources.has(stock)).toBe(true);
  expect(onDemand?.get(stock)).toBeUndefined();
  expect(resources.has(cart)).toBe(false);
});

test("every scope is there in both; with none, tables of services are asked for, those for the rest are not", () => {
  const tracker = new Tracker(apply(empty, put(service("cart"))));
  const [all, none] = [tracker.ask(scopeSet, view), tracker.ask(askedScopeSet, `none|${view}`)];
  expect([...none.resources.keys()]).toEqual([...all.resources.keys()]);
  const same = (name: string) => none.resources.get(name)?.version === all.resources.get(name)?.version;
  expect([same("80|cart"), same("~80|cart.shop.svc.cluster.local"), same("~80|"), same("~80|-")]).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test("a table that is not there is answered with an empty one, and what is there as it is", () => {
  const tracker = new Tracker(apply(empty, put(service("cart"))));
  const { resources, onDemand } = tracker.ask(askedRouteSet, view);
  expect(resources.has("80|cart.shop.svc.cluster.local")).toBe(true);
  expect(onDemand?.get("80|gone.shop.svc.cluster.local")?.name).toBe("80|gone.shop.svc.cluster.local");
});
