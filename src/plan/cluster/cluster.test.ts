import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { apply, empty, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import type { View } from "../view.ts";
import { outboundCluster, outboundClusterKey } from "./cluster.ts";
import { destinationRuleFor, destinationRuleKey } from "./destination-rule.ts";

const at = { file: "t.yaml", line: 1, column: 1 };

function object(type: string, namespace: string, name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const origin = { ...at, at: `${namespace}/${name}.yaml:1:1`, locate: () => at };
  const base = { type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ ...base, spec, origin, ...more });
}

const service = (namespace: string, name: string) =>
  object(types.Service, namespace, name, {
    clusterIP: "10.96.0.1",
    selector: { app: name },
    ports: [{ name: "http", port: 80 }],
  });
const rule = (namespace: string, name: string, spec: object) =>
  object(types.DestinationRule, namespace, name, { host: name, ...spec });
const pod = (name: string, serviceAccountName: string) =>
  object(
    types.Pod,
    "shop",
    name,
    { serviceAccountName },
    {
      labels: { app: "cart", "security.istio.io/tlsMode": "istio" },
      status: { podIP: `10.0.0.${name.length}` },
    },
  );
const snapshot = (objects: readonly Resource[], from: Snapshot = empty) =>
  apply(
    from,
    objects.map((put) => ({ put })),
  );
const view = (namespace: string, labels = {}): View => ({ kind: "sidecar", namespace, labels });
const cart = "cart.shop.svc.cluster.local";
const cartFor = (tracker: Tracker, from: View, subset = "") =>
  tracker.ask(outboundCluster, outboundClusterKey(from, cart, 80, subset));

test("namespaces that the same rules hold for share one plan", () => {
  const tracker = new Tracker(snapshot([service("shop", "cart"), rule("shop", "cart", {})]));
  const plans = Array.from({ length: 100 }, (_, i) => cartFor(tracker, view(`client-${i}`)));
  strictEqual(new Set(plans).size, 1);
});

test("a rule of the client's own namespace is for its own clients", () => {
  const own = rule("web", "cart", { host: cart, trafficPolicy: { loadBalancer: { simple: "RANDOM" } } });
  const tracker = new Tracker(snapshot([service("shop", "cart"), own]));
  deepStrictEqual(cartFor(tracker, view("web"))?.loadBalancer, { kind: "random" });
  deepStrictEqual(cartFor(tracker, view("other"))?.loadBalancer, { kind: "least-request" });
  deepStrictEqual(cartFor(tracker, view("web"))?.origins, ["shop/cart.yaml:1:1", "web/cart.yaml:1:1"]);
});

test("a rule with a workloadSelector is for those workloads before any other", () => {
  const all = rule("web", "cart", { host: cart, trafficPolicy: { loadBalancer: { simple: "RANDOM" } } });
  const some = rule("web", "some", {
    host: cart,
    workloadSelector: { matchLabels: { app: "a" } },
    trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
  });
  const tracker = new Tracker(snapshot([service("shop", "cart"), all, some]));
  strictEqual(cartFor(tracker, view("web", { app: "a", version: "v1" }))?.loadBalancer.kind, "round-robin");
  strictEqual(cartFor(tracker, view("web", { app: "b" }))?.loadBalancer.kind, "random");
  const merged = tracker.ask(
    destinationRuleFor,
    destinationRuleKey(view("web", { app: "a" }), { host: cart, namespace: "shop" }),
  );
  deepStrictEqual(merged?.refs, [{ namespace: "web", name: "some" }]);
  strictEqual(merged?.selective, true);
});

test("what does not exist has no cluster", () => {
  const tracker = new Tracker(snapshot([service("shop", "cart"), rule("shop", "cart", { subsets: [{ name: "v1" }] })]));
  ok(cartFor(tracker, view("web"), "v1"));
  strictEqual(cartFor(tracker, view("web"), "v2"), undefined);
  strictEqual(tracker.ask(outboundCluster, outboundClusterKey(view("web"), cart, 81, "")), undefined);
  strictEqual(
    tracker.ask(outboundCluster, outboundClusterKey(view("web"), "gone.shop.svc.cluster.local", 80, "")),
    undefined,
  );
});

test("a server may bear the identity of any endpoint, and before there is one any of its namespace", () => {
  const before = snapshot([service("shop", "cart")]);
  const tracker = new Tracker(before);
  const identities = () => {
    const tls = cartFor(tracker, view("web"))?.tls;
    return tls?.kind === "mesh" ? tls.identities : undefined;
  };
  deepStrictEqual(identities(), [{ prefix: "spiffe://cluster.local/ns/shop/sa/" }]);
  const one = snapshot([pod("c", "cart")], before);
  tracker.advance(one);
  deepStrictEqual(identities(), [{ exact: "spiffe://cluster.local/ns/shop/sa/cart" }]);
  const plan = cartFor(tracker, view("web"));
  tracker.advance(snapshot([pod("cc", "cart")], one));
  strictEqual(cartFor(tracker, view("web")), plan, "another endpoint of the same identity changes no cluster");
});

test("an edit of one rule among 1,000 makes its own clusters again and no other", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `s${i}`);
  const objects = names.flatMap((name) => [
    service("shop", name),
    rule("shop", name, { subsets: [{ name: "v1" }, { name: "v2" }] }),
  ]);
  const before = snapshot(objects);
  const tracker = new Tracker(before);
  const clients = [view("web"), view("shop"), view("other")];
  const keys = clients.flatMap((client) =>
    names.flatMap((name) =>
      ["", "v1", "v2"].map((subset) => outboundClusterKey(client, `${name}.shop.svc.cluster.local`, 80, subset)),
    ),
  );
  const all = () => keys.map((key) => tracker.ask(outboundCluster, key));
  const first = all();
  const runs = tracker.runs;
  tracker.advance(
    snapshot(
      [
        rule("shop", "s7", {
          subsets: [{ name: "v1", labels: { version: "v1" } }, { name: "v2" }],
          trafficPolicy: { loadBalancer: { simple: "RANDOM" } },
        }),
      ],
      before,
    ),
  );
  const second = all();
  strictEqual(second.filter((plan, i) => plan !== first[i]).length, 9);
  ok(tracker.runs - runs < 30, `${tracker.runs - runs} steps ran`);
});
