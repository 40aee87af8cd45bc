import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { describe, test } from "vitest";
import type { Resource, Type } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import { viewOf } from "../client-view.ts";
import { visibleServices } from "../registry.ts";
import { virtualServicesFor } from "../route/selection.ts";
import { viewerOf } from "../view.ts";

function object(type: Type, path: string, spec: unknown, createdAt = 0): Resource {
  const slash = path.indexOf("/");
  const [namespace, name] = [path.slice(0, slash), path.slice(slash + 1)];
  const position = { file: `${name}.yaml`, line: 1, column: 1 };
  const origin = { ...position, at: `${name}.yaml:1:1`, locate: () => position };
  const rest = { apiVersion: "v1", labels: {}, annotations: {}, generation: 1 };
  return Object.freeze({ type, namespace, name, spec, origin, createdAt, ...rest });
}

const service = (path: string, ports: readonly number[] = [80]) =>
  object(types.Service, path, { clusterIP: "10.0.0.1", ports: ports.map((port) => ({ name: `http-${port}`, port })) });
const entry = (path: string, host: string) =>
  object(types.ServiceEntry, path, { hosts: [host], ports: [{ number: 80, name: "http", protocol: "HTTP" }] });
const sidecar = (path: string, spec: unknown, createdAt = 0) => object(types.Sidecar, path, spec, createdAt);
const egress = (...hosts: readonly string[]) => ({ egress: [{ hosts }] });

const base = [
  service("shop/cart"),
  service("shop/pay", [80, 81]),
  service("data/db"),
  service("data/cache"),
  entry("data/api", "api.example.com"),
  entry("far/api", "api.example.com"),
];

function trackerOf(...objects: readonly Resource[]): Tracker {
  return new Tracker(
    apply(
      empty,
      [...base, ...objects].map((put) => ({ put })),
    ),
  );
}

const client = { kind: "sidecar", namespace: "shop", labels: { app: "web" } } as const;

function viewer(
  tracker: Tracker,
  of: { readonly namespace: string; readonly labels: Record<string, string> } = client,
) {
  const probe = {
    name: "test/view",
    run: (scope: Parameters<typeof viewOf>[0]) => viewOf(scope, { ...client, ...of }),
  };
  return viewerOf(tracker.ask(probe, JSON.stringify(of)));
}

function seen(tracker: Tracker, of?: Parameters<typeof viewer>[1]): readonly string[] {
  return tracker
    .ask(visibleServices, viewer(tracker, of))
    .map((s) => `${s.namespace}/${s.host.split(".svc.")[0]}:${s.ports.map((p) => p.number).join()}`);
}

const all = [
  "data/api.example.com:80",
  "data/cache.data:80",
  "shop/cart.shop:80",
  "data/db.data:80",
  "shop/pay.shop:80,81",
];

describe("which Sidecar holds", () => {
  test("none: everything is seen", () => deepStrictEqual(seen(trackerOf()), all));

  test("that of the workload before the namespace's before the root namespace's, the oldest of each", () => {
    const objects = [
      sidecar("istio-system/default", egress("data/*")),
      sidecar("shop/default", egress("./*"), 2),
      sidecar("shop/later", egress("*/*"), 3),
      sidecar(
        "shop/web",
        { workloadSelector: { labels: { app: "web" } }, ...egress("data/db.data.svc.cluster.local") },
        5,
      ),
    ];
    const tracker = trackerOf(...objects);
    strictEqual(viewer(tracker), "shop@shop/web");
    strictEqual(viewer(tracker, { namespace: "shop", labels: {} }), "shop@shop/default");
    strictEqual(viewer(tracker, { namespace: "data", labels: { app: "web" } }), "data@istio-system/default");
    deepStrictEqual(seen(tracker), ["data/db.data:80"]);
    deepStrictEqual(seen(tracker, { namespace: "shop", labels: {} }), ["shop/cart.shop:80", "shop/pay.shop:80,81"]);
  });

  test("one of the root namespace with a selector is for workloads there alone", () => {
    const tracker = trackerOf(
      sidecar("istio-system/web", { workloadSelector: { labels: { app: "web" } }, ...egress("data/*") }),
    );
    strictEqual(viewer(tracker), "shop");
    strictEqual(
      viewer(tracker, { namespace: "istio-system", labels: { app: "web" } }),
      "istio-system@istio-system/web",
    );
  });
});

describe("what its hosts take in", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["its own namespace", ["./*"], ["shop/cart.shop:80", "shop/pay.shop:80,81"]],
    ["one host of any namespace", ["*/cart.shop.svc.cluster.local"], ["shop/cart.shop:80"]],
    ["a wildcard", ["*/*.example.com"], ["data/api.example.com:80"]],
    [
      "a namespace that is named goes by its own hosts alone",
      ["*/*", "data/cache.data.svc.cluster.local"],
      ["far/api.example.com:80", "data/cache.data:80", "shop/cart.shop:80", "shop/pay.shop:80,81"],
    ],
    ["all but a namespace", ["*/*", "~data/*"], ["far/api.example.com:80", "shop/cart.shop:80", "shop/pay.shop:80,81"]],
    ["all but a host", ["*/*", "~/api.example.com"], all.slice(1)],
    ["nothing", ["~/*"], []],
    [
      "of one name in two namespaces the oldest, by name",
      ["far/*", "data/api.example.com"],
      ["data/api.example.com:80"],
    ],
  ])("%s", (_, hosts, expected) =>
    deepStrictEqual(seen(trackerOf(sidecar("shop/default", egress(...hosts)))), expected),
  );

  test("a listener with a port has that port alone, and the others have the rest", () => {
    const listener = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["data/*"] };
    deepStrictEqual(seen(trackerOf(sidecar("shop/default", { egress: [listener, { hosts: ["./*"] }] }))), [
      "data/api.example.com:80",
      "data/cache.data:80",
      "data/db.data:80",
      "shop/pay.shop:81",
    ]);
  });

  test("a service that is exported elsewhere only stays unseen", () => {
    const hidden = Object.freeze({ ...service("data/db"), annotations: { "networking.istio.io/exportTo": "." } });
    deepStrictEqual(seen(trackerOf(hidden, sidecar("shop/default", egress("data/db.data.svc.cluster.local")))), []);
  });
});

describe("VirtualServices", () => {
  const route = object(types.VirtualService, "shop/cart", {
    hosts: ["cart"],
    http: [{ route: [{ destination: { host: "db.data.svc.cluster.local" } }] }],
  });
  const foreign = object(types.VirtualService, "data/pay", {
    hosts: ["pay.shop.svc.cluster.local"],
    http: [{ route: [{ destination: { host: "pay.shop.svc.cluster.local" } }] }],
  });

  test("where those lead that it names is seen too", () =>
    deepStrictEqual(seen(trackerOf(route, sidecar("shop/default", egress("./cart.shop.svc.cluster.local")))), [
      "shop/cart.shop:80",
      "data/db.data:80",
    ]));

  test("those of namespaces that it does not name do not hold", () => {
    const tracker = trackerOf(route, foreign, sidecar("shop/default", egress("./*")));
    const holding = (host: string, of: string) =>
      tracker.ask(virtualServicesFor, `${of}|${host}.shop.svc.cluster.local`);
    deepStrictEqual(holding("pay", "shop"), ["data/pay"]);
    deepStrictEqual(holding("pay", viewer(tracker)), []);
    deepStrictEqual(holding("cart", viewer(tracker)), ["shop/cart"]);
  });
});

test("an edit of a namespace that a Sidecar does not name costs its viewers nothing", () => {
  const tracker = trackerOf(sidecar("shop/default", egress("./*")));
  const of = viewer(tracker);
  const before = tracker.ask(visibleServices, of);
  tracker.advance(apply(tracker.snapshot, [{ put: service("data/queue") }]));
  const runs = tracker.runs;
  ok(tracker.ask(visibleServices, of) === before);
  strictEqual(tracker.runs - runs, 0);
});
