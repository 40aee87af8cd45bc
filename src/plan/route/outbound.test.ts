import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { beforeEach, describe, test } from "vitest";
import type { Resource, Type } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import { type View, viewKey } from "../view.ts";
import { outboundKey } from "./names.ts";
import { outboundRouteKey, outboundRouteKeys, outboundRouteTable, routeTable } from "./outbound.ts";
import { scopeGroups } from "./scopes.ts";

const count = 200;
const views: readonly View[] = Array.from({ length: 100 }, (_, i) => ({
  kind: "sidecar",
  namespace: `client${i}`,
  labels: {},
}));

function object(type: Type, name: string, spec: unknown, at = `${name}.yaml:1:1`): Resource {
  const position = { file: at, line: 1, column: 1 };
  const origin = { ...position, at, locate: () => position };
  const rest = { apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ type, namespace: "shop", name, spec, origin, ...rest });
}

const virtualService = (i: number, timeout: string, match?: unknown) =>
  object(types.VirtualService, `s${i}`, {
    hosts: [`s${i}`],
    http: [{ timeout, ...(match ? { match: [match] } : {}), route: [{ destination: { host: `s${i}` } }] }],
  });

let tracker: Tracker;
const put = (resource: Resource) => tracker.advance(apply(tracker.snapshot, [{ put: resource }]));
/** All tables of all views, as discovery asks for them. */
const all = () =>
  views.map((view) => tracker.ask(outboundRouteKeys, viewKey(view)).map((key) => tracker.ask(routeTable, key)));
const runs = (work: () => unknown) => {
  const before = tracker.runs;
  work();
  return tracker.runs - before;
};

beforeEach(() => {
  const services = Array.from({ length: count }, (_, i) =>
    object(types.Service, `s${i}`, { clusterIP: "10.0.0.1", ports: [{ name: "http", port: 80 }] }),
  );
  const rules = Array.from({ length: count }, (_, i) => virtualService(i, "1s"));
  tracker = new Tracker(
    apply(
      empty,
      [...services, ...rules].map((r) => ({ put: r })),
    ),
  );
  all();
});

describe("sharing", () => {
  test("namespaces that see the same have one table", () => {
    const tables = all();
    strictEqual(new Set(tables.flat()).size, count);
    for (const own of tables) deepStrictEqual(own, tables[0]);
  });

  test("clients that a rule does not tell apart have one table, those that it does have two", () => {
    put(virtualService(0, "1s", { sourceLabels: { app: "a" } }));
    const key = (labels: View["labels"], namespace: string) =>
      tracker.ask(
        outboundRouteKey,
        outboundKey({ kind: "sidecar", namespace, labels }, 80, "s0.shop.svc.cluster.local"),
      );
    strictEqual(key({ app: "a", tier: "1" }, "client1"), key({ app: "a" }, "client2"));
    strictEqual(key({ app: "b" }, "client1"), key({}, "client2"));
    ok(key({ app: "a" }, "client1") !== key({ app: "b" }, "client1"));
  });

  test("one more namespace costs a few steps, however many services there are", () => {
    const more: View = { kind: "sidecar", namespace: "another", labels: {} };
    const cost = runs(() => [tracker.ask(outboundRouteKeys, viewKey(more)), tracker.ask(scopeGroups, viewKey(more))]);
    ok(cost < 10, `${cost} steps`);
  });
});

describe("an edit", () => {
  test("of one route runs its own steps and makes one new table", () => {
    const before = all();
    put(virtualService(7, "9s"));
    const cost = runs(all);
    ok(cost <= 6, `${cost} steps`);
    const after = all();
    const changed = after.map((tables, i) => tables.filter((table, j) => table !== before[i]?.[j]));
    for (const tables of changed) strictEqual(tables.length, 1);
    strictEqual(new Set(changed.flat()).size, 1);
  });

  test("that says the same makes none", () => {
    const before = all().flat();
    put(virtualService(7, "1s"));
    ok(
      all()
        .flat()
        .every((table, i) => table === before[i]),
    );
  });

  test("of the place in the file is told by the origin alone", () => {
    const { spec } = virtualService(7, "1s");
    put(object(types.VirtualService, "s7", spec, "s7.yaml:9:1"));
    const view = views[0] as View;
    deepStrictEqual(tracker.ask(outboundRouteTable, outboundKey(view, 80, "s7.shop.svc.cluster.local"))?.origins, [
      "s7.yaml:9:1",
      "s7.yaml:1:1",
    ]);
  });

  test("that takes the VirtualService away leaves the default route", () => {
    tracker.advance(
      apply(tracker.snapshot, [{ remove: { type: types.VirtualService, namespace: "shop", name: "s7" } }]),
    );
    const table = tracker.ask(outboundRouteTable, outboundKey(views[0] as View, 80, "s7.shop.svc.cluster.local"));
    deepStrictEqual(
      table?.virtualHosts[0]?.routes.map((r) => r.name),
      ["default"],
    );
  });
});
