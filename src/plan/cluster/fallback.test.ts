import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { Tracker } from "../../track/tracker.ts";
import { outboundRouteKeys, routeTable } from "../route/outbound.ts";
import { viewKey } from "../view.ts";

const view = viewKey({ kind: "sidecar", namespace: "default", labels: {} });
const place = { file: "a.yaml", line: 1, column: 1 };
const object = (type: string, name: string, spec: unknown): Resource =>
  Object.freeze({
    ...{ type, namespace: "default", name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 },
    spec,
    origin: { ...place, at: `${name}.yaml:1:1`, locate: () => place },
  });
const services = Array.from({ length: 100 }, (_, i) =>
  object(types.Service, `s${i}`, { clusterIP: `10.96.0.${i + 1}`, ports: [{ name: "http", port: 80 }] }),
);
const fallback = (body: string) =>
  object(types.Fallback, "f", { host: "s7", destinations: [{ host: "s8" }], response: { status: 200, body } });

/** All tables of a client: name → clusters and bodies. */
const tables: Step<Readonly<Record<string, string>>> = {
  name: "test/tables",
  run: (scope) =>
    Object.fromEntries(
      scope.ask(outboundRouteKeys, view).map((key) => {
        const { name, virtualHosts } = scope.ask(routeTable, key);
        return [name, JSON.stringify(virtualHosts)];
      }),
    ),
};

test("a Fallback that comes or changes costs its host's table, not all", () => {
  let snapshot = apply(
    empty,
    services.map((put) => ({ put })),
  );
  const tracker = new Tracker(snapshot);
  const before = tracker.ask(tables, "");
  const after = (resource: Resource) => {
    const runs = tracker.runs;
    snapshot = apply(snapshot, [{ put: resource }]);
    tracker.advance(snapshot);
    return { now: tracker.ask(tables, ""), runs: tracker.runs - runs };
  };
  const came = after(fallback("a"));
  const changed = Object.keys(came.now).filter((name) => came.now[name] !== before[name]);
  deepStrictEqual(changed, ["80|s7.default.svc.cluster.local"]);
  ok(came.now[changed[0] as string]?.includes("fallback|80||s7.default.svc.cluster.local"));
  // A look at each host's Fallbacks, of which there are none, and no table of another host.
  ok(came.runs < 3 * services.length, `${came.runs}`);
  const edited = after(fallback("b"));
  ok(edited.runs < 20, `${edited.runs}`);
  strictEqual(edited.now[changed[0] as string]?.includes('"body":"b"'), true);
});
