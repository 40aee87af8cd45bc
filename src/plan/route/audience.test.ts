import { deepStrictEqual, ok } from "node:assert";
import fc from "fast-check";
import { test } from "vitest";
import type { Resource, Type } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { Tracker } from "../../track/tracker.ts";
import { serviceFor, visibleServices } from "../registry.ts";
import { parseView, type View, viewKey } from "../view.ts";
import { isRouted, outboundKey, parseOutboundKey } from "./names.ts";
import { outboundRouteKey, outboundRouteKeys, outboundRouteTable, routeTable } from "./outbound.ts";
import { routeScopes } from "./scopes.ts";
import { hostInputs } from "./virtual-host.ts";

/** Routes of a view without the short cut by audiences: all lookups as the view itself. */
const direct: Step<string | undefined> = {
  name: "test/directInputs",
  run: (scope, key) => {
    const { port, host, view } = parseOutboundKey(key);
    const service = scope.ask(serviceFor, `${view.namespace}|${host}`);
    if (service?.ports.some((p) => p.number === port && isRouted(p.protocol)) !== true) return undefined;
    return JSON.stringify({ kind: "service", host: hostInputs(scope, view, { host, port, service, domains: ["*"] }) });
  },
};

const namespaces = ["a", "b", "c", "istio-system"];
const names = ["s0", "s1", "s2"];
const anyNamespace = fc.constantFrom(...namespaces);
const exportTo = fc.option(fc.subarray(["*", ".", "~", "a", "b"], { minLength: 1, maxLength: 2 }), { nil: undefined });
const host = fc.oneof(
  fc.constantFrom(...names, "shared.example.com", "*.svc.cluster.local", "*.a.svc.cluster.local", "*"),
  fc.tuple(fc.constantFrom(...names), anyNamespace).map(([n, ns]) => `${n}.${ns}.svc.cluster.local`),
);
const labels = fc.record({ app: fc.constantFrom("x", "y"), tier: fc.constantFrom("1", "2") }, { requiredKeys: [] });
const destination = fc.record({
  host,
  subset: fc.constantFrom("", "", "v1"),
  port: fc.constantFrom({ number: 80 }, { number: 81 }, undefined),
});
const source = fc.record(
  {
    sourceLabels: labels,
    sourceNamespace: anyNamespace,
    gateways: fc.constantFrom(["mesh"], ["gw"]),
    port: fc.constant(80),
  },
  { requiredKeys: [] },
);
const http = fc.record(
  {
    match: fc.array(source, { minLength: 1, maxLength: 2 }),
    route: fc.array(fc.record({ destination }), { minLength: 1, maxLength: 1 }),
    mirror: destination,
  },
  { requiredKeys: ["route"] },
);
const age = fc.integer({ min: 0, max: 3 });

interface Made {
  readonly type: Type;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  readonly annotations?: Record<string, string>;
  readonly spec: unknown;
}

const service = fc.tuple(anyNamespace, fc.constantFrom(...names), exportTo, fc.boolean(), age).map(
  ([namespace, name, to, alias, createdAt]): Made => ({
    type: types.Service,
    namespace,
    name,
    createdAt,
    ...(to ? { annotations: { "networking.istio.io/exportTo": to.join(",") } } : {}),
    spec: {
      ...(alias && name === "s2"
        ? { type: "ExternalName", externalName: createdAt > 1 ? "s0.a.svc.cluster.local" : "s2.b.svc.cluster.local" }
        : { clusterIP: `10.0.0.${name.slice(1)}` }),
      ports: [
        { name: "http", port: 80 },
        { name: "http-more", port: 81 },
      ].slice(0, createdAt === 0 ? 1 : 2),
    },
  }),
);
const entry = fc.tuple(anyNamespace, exportTo, age).map(
  ([namespace, to, createdAt]): Made => ({
    type: types.ServiceEntry,
    namespace,
    name: "shared",
    createdAt,
    spec: {
      hosts: ["shared.example.com"],
      exportTo: to,
      resolution: "DNS",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    },
  }),
);
const virtualService = fc
  .tuple(
    anyNamespace,
    fc.constantFrom("v0", "v1", "v2"),
    fc.array(host, { minLength: 1, maxLength: 2 }),
    exportTo,
    fc.array(http, { maxLength: 3 }),
    age,
  )
  .map(
    ([namespace, name, hosts, to, routes, createdAt]): Made => ({
      type: types.VirtualService,
      namespace,
      name,
      createdAt,
      spec: { hosts, exportTo: to, http: routes.map((r, i) => ({ ...r, name: `${name}-${i}` })) },
    }),
  );
const rule = fc
  .tuple(
    anyNamespace,
    fc.constantFrom("r0", "r1"),
    host,
    exportTo,
    fc.boolean(),
    fc.option(labels, { nil: undefined }),
    age,
  )
  .map(
    ([namespace, name, of, to, hashed, selector, createdAt]): Made => ({
      type: types.DestinationRule,
      namespace,
      name,
      createdAt,
      spec: {
        host: of,
        exportTo: to,
        subsets: [{ name: "v1", labels: { version: "v1" } }],
        ...(selector ? { workloadSelector: { matchLabels: selector } } : {}),
        ...(hashed
          ? { trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: `${namespace}-${name}` } } } }
          : {}),
      },
    }),
  );
const meshes = fc
  .tuple(
    fc.array(service, { minLength: 1, maxLength: 6 }),
    fc.array(entry, { maxLength: 2 }),
    fc.array(virtualService, { maxLength: 4 }),
    fc.array(rule, { maxLength: 4 }),
  )
  .map((parts) => parts.flat());
const views = fc.record({
  kind: fc.constant("sidecar" as const),
  namespace: fc.constantFrom(...namespaces, "other"),
  labels,
});

function tracker(objects: readonly Made[]): Tracker {
  const position = { file: "test", line: 1, column: 1 };
  const origin = { ...position, at: "test", locate: () => position };
  const resources = objects.map(
    (o): Resource =>
      Object.freeze({
        apiVersion: "v1",
        labels: {},
        annotations: {},
        generation: 1,
        origin,
        ...o,
        spec: JSON.parse(JSON.stringify(o.spec)),
      }),
  );
  return new Tracker(
    apply(
      empty,
      resources.map((put) => ({ put })),
    ),
  );
}

function keysOf(t: Tracker, view: View): readonly string[] {
  return t
    .ask(visibleServices, view.namespace)
    .flatMap((s) => s.ports.filter((p) => isRouted(p.protocol)).map((p) => outboundKey(view, p.number, s.host)));
}

test("views that share a table would have had the same alone", () => {
  let compared = 0;
  const property = fc.property(meshes, fc.array(views, { minLength: 1, maxLength: 4 }), (objects, clients) => {
    const t = tracker(objects);
    for (const view of clients) {
      const keys = keysOf(t, view);
      for (const key of keys) {
        const alone = t.ask(direct, key);
        deepStrictEqual(t.ask(outboundRouteTable, key), alone === undefined ? undefined : t.ask(routeTable, alone));
        compared++;
      }
      deepStrictEqual(
        [...t.ask(outboundRouteKeys, viewKey(view))].sort(),
        keys.map((key) => t.ask(outboundRouteKey, key)).sort(),
      );
    }
  });
  fc.assert(property, { numRuns: 1000 });
  ok(compared > 1000);
});

test("scopes name tables that the view has, each key once", () => {
  const property = fc.property(meshes, views, (objects, view) => {
    const t = tracker(objects);
    const scopes = t.ask(routeScopes, viewKey(view));
    const keys = scopes.map((s) => s.key);
    deepStrictEqual(keys.length, new Set(keys).size);
    const tables = new Set(keysOf(t, view).map((key) => t.ask(outboundRouteTable, key)?.name));
    for (const { key, routeName } of scopes) ok(tables.has(routeName) || routeName.endsWith("|*"), key);
    for (const s of t.ask(visibleServices, view.namespace))
      for (const { number } of s.ports)
        ok(keys.includes(`~${number}|${s.host}`) && keys.includes(`${number}|${s.host}`));
    const local = t
      .ask(visibleServices, view.namespace)
      .filter((s) => s.kind === "Service" && s.namespace === view.namespace);
    for (const s of local) deepStrictEqual(scopes.find((x) => x.key === `80|${s.name}`)?.routeName, `80|${s.host}`);
  });
  fc.assert(property, { numRuns: 300 });
});

test("a view's key survives", () => {
  const view: View = { kind: "sidecar", namespace: "a", labels: { "x|y": "1|2" } };
  deepStrictEqual(parseOutboundKey(outboundKey(view, 80, "h")), {
    port: 80,
    host: "h",
    view: parseView(viewKey(view)),
  });
});
