import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import type { SourceEvent } from "../../model/change.ts";
import type { Proxy } from "../../model/proxy.ts";
import type { Resource } from "../../model/resource.ts";
import { all, apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { joiningOf } from "./entry.ts";
import { JoinedWorkloads } from "./source.ts";

const place = { file: "vms.yaml", line: 4, column: 1 };

function object(type: string, name: string, spec: unknown): Resource {
  const origin = { ...place, at: "vms.yaml:4:1", locate: () => place };
  const base = { type, namespace: "shop", name, apiVersion: "networking.istio.io/v1", labels: {}, annotations: {} };
  return { ...base, createdAt: 0, generation: 1, spec, origin };
}

const template = {
  ports: { http: 8080 },
  labels: { app: "t", tier: "t", os: "t" },
  ...{ network: "home", locality: "eu/a", weight: 3, serviceAccount: "vm" },
};
const metadata = { labels: { app: "vm", tier: "m" }, annotations: { note: "made" } };
const group = (more: object = {}) => object(types.WorkloadGroup, "vms", { metadata, template, ...more });

function proxy(more: Partial<Proxy> = {}): Proxy {
  const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "vm" };
  return {
    ...{ id: "sidecar~10.9.0.1~vm.shop~shop.svc.cluster.local", kind: "sidecar", name: "vm", namespace: "shop" },
    ...{ ips: ["10.9.0.1"], labels: {}, identity, serviceAccount: "vm", workload: "vm", kubeCluster: "Kubernetes" },
    ...{ locality: { region: "", zone: "", subzone: "" }, dnsDomain: "cluster.local", istioAgent: false },
    metadata: { AUTO_REGISTER_GROUP: "vms" },
    ...more,
  };
}

/** A source in front of a snapshot as discovery has it, with a clock that a test turns and a probe whose answers it gives. */
function mesh(...objects: readonly Resource[]) {
  let snapshot = empty;
  let events: SourceEvent[] = [];
  let time = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const probes: { probe: unknown; address: string; tell: (healthy: boolean) => void; stopped: boolean }[] = [];
  const labels = new Map<number, unknown>();
  const source = new JoinedWorkloads({
    onLabels: (connection, its) => labels.set(connection, its),
    clock: {
      now: () => time,
      after(ms, run) {
        const timer = { at: time + ms, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    watch(probe, address, tell) {
      const one = { probe, address, tell, stopped: false };
      probes.push(one);
      return {
        stop: () => {
          one.stopped = true;
        },
      };
    },
  });
  let diagnostics: SourceEvent["diagnostics"] = [];
  let changed = 0;
  const settle = () => {
    while (events.length > 0) {
      for (const event of events.splice(0)) {
        snapshot = apply(snapshot, event.changes);
        changed += event.changes.length;
        diagnostics = event.diagnostics;
      }
      source.look(snapshot);
    }
  };
  void source.start((event) => void events.push(event));
  const given = (changes: SourceEvent["changes"]) => {
    events = [{ changes, diagnostics }, ...events];
    settle();
  };
  given(objects.map((put) => ({ put })));
  return {
    probes,
    labels,
    given,
    diagnostics: () => diagnostics.map((d) => d.message),
    entries: () => all(snapshot, types.WorkloadEntry),
    changed: () => changed,
    connect(connection: number, one: Proxy) {
      const joining = joiningOf(one);
      ok(joining);
      source.connected(connection, joining);
      settle();
    },
    disconnect(connection: number) {
      source.disconnected(connection);
      settle();
    },
    tell(healthy: boolean) {
      probes.at(-1)?.tell(healthy);
      settle();
    },
    turn(ms: number) {
      time += ms;
      for (const timer of timers) {
        if (timer.at > time) continue;
        timers.delete(timer);
        timer.run();
      }
      settle();
    },
  };
}

const names = (shop: ReturnType<typeof mesh>) => shop.entries().map((e) => e.name);

test("the entry has the group's template and metadata, and the proxy's address", () => {
  const shop = mesh(group());
  shop.connect(1, proxy());
  const [entry] = shop.entries();
  const labels = { app: "vm", tier: "m", os: "t" };
  deepStrictEqual(entry?.spec, { ...template, labels, address: "10.9.0.1" });
  deepStrictEqual(
    [entry.namespace, entry.name, entry.labels, entry.annotations, entry.status],
    ["shop", "vms-10.9.0.1", labels, { "istio.io/autoRegistrationGroup": "vms", note: "made" }, undefined],
  );
  strictEqual(entry.origin.at, "vms.yaml:4:1");
});

test("what the proxy says of its network, locality and labels wins", () => {
  const shop = mesh(group());
  const labels = { app: "own", "istio-locality": "eu.b" };
  const locality = { region: "eu", zone: "b", subzone: "" };
  const said = { AUTO_REGISTER_GROUP: "vms", NETWORK: "away" };
  shop.connect(1, proxy({ ips: ["fd00::1"], labels, locality, metadata: said }));
  const [entry] = shop.entries();
  deepStrictEqual(shop.labels.get(1), { ...labels, tier: "m", os: "t" });
  strictEqual(entry?.name, "vms-fd00--1-away");
  deepStrictEqual(entry.spec, {
    ...template,
    ...{ address: "fd00::1", network: "away", locality: "eu/b", labels: { app: "own", tier: "m", os: "t" } },
  });
});

test("a name that is too long loses its beginning; who names no group does not ask", () => {
  const long = "g".repeat(250);
  const shop = mesh({ ...group(), name: long });
  shop.connect(1, proxy({ metadata: { AUTO_REGISTER_GROUP: long } }));
  deepStrictEqual(names(shop), [`${"g".repeat(244)}-10.9.0.1`]);
  for (const said of [{}, { AUTO_REGISTER_GROUP: "" }, { AUTO_REGISTER_GROUP: 7 }])
    strictEqual(joiningOf(proxy({ metadata: said })), undefined);
});

test("it outlives its connection by ten seconds, and a new connection keeps it", () => {
  const shop = mesh(group());
  shop.connect(1, proxy());
  const [entry] = shop.entries();
  shop.disconnect(1);
  shop.turn(9_999);
  strictEqual(shop.entries()[0], entry);
  shop.connect(2, proxy());
  shop.turn(60_000);
  strictEqual(shop.entries()[0], entry);
  shop.connect(3, proxy());
  shop.disconnect(2);
  shop.turn(60_000);
  strictEqual(shop.entries()[0], entry);
  shop.disconnect(3);
  shop.turn(10_000);
  deepStrictEqual(shop.entries(), []);
});

test("only the verified ServiceAccount of the group joins, and who may not is told", () => {
  const shop = mesh(group());
  const other = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "thief" };
  shop.connect(1, proxy({ identity: other }));
  const { identity: _, ...nobody } = proxy();
  shop.connect(2, nobody);
  shop.connect(3, proxy({ ips: ["vm.example.com"] }));
  deepStrictEqual(shop.entries(), []);
  const [first = "", second = "", third = ""] = shop.diagnostics();
  match(first, /cannot join shop\/vms: it is spiffe:.*\/sa\/thief, not spiffe:.*\/sa\/vm$/);
  match(second, /its identity is not verified/);
  deepStrictEqual(shop.labels.get(1), {});
  match(third, /"vm.example.com" is not an IP address/);
  for (const connection of [1, 2, 3]) shop.disconnect(connection);
  deepStrictEqual(shop.diagnostics(), []);
});

test("a stranger with the same address does not take the place of who joined", () => {
  const shop = mesh(group());
  shop.connect(1, proxy());
  const [entry] = shop.entries();
  shop.connect(2, proxy({ identity: { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "thief" } }));
  strictEqual(shop.entries()[0], entry);
});

test("a group without a ServiceAccount takes all of its namespace", () => {
  const shop = mesh(group({ template: { ports: { http: 1 } } }));
  shop.connect(1, proxy({ identity: { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "any" } }));
  deepStrictEqual(names(shop), ["vms-10.9.0.1"]);
});

test("a group may come later, change and go", () => {
  const shop = mesh();
  shop.connect(1, proxy());
  match(shop.diagnostics()[0] ?? "", /there is no such WorkloadGroup/);
  shop.given([{ put: group() }]);
  deepStrictEqual([names(shop), shop.diagnostics()], [["vms-10.9.0.1"], []]);
  shop.given([{ put: group({ template: { ...template, weight: 9 } }) }]);
  strictEqual(
    shop
      .entries()
      .map((e) => (e.spec as { weight: number }).weight)
      .join(),
    "9",
  );
  shop.given([{ remove: { type: types.WorkloadGroup, namespace: "shop", name: "vms" } }]);
  deepStrictEqual(shop.entries(), []);
});

test("an entry of the user's with the same name is never touched", () => {
  const own = object(types.WorkloadEntry, "vms-10.9.0.1", { address: "10.1.1.1" });
  const before = mesh(group(), own);
  before.connect(1, proxy());
  strictEqual(before.entries()[0], own);
  before.disconnect(1);
  before.turn(10_000);
  strictEqual(before.entries()[0], own);

  const later = mesh(group());
  later.connect(1, proxy());
  later.given([{ put: own }]);
  strictEqual(later.entries()[0], own);
  later.given([{ remove: own }]);
  deepStrictEqual(later.entries()[0]?.spec, {
    ...template,
    labels: { app: "vm", tier: "m", os: "t" },
    address: "10.9.0.1",
  });
  later.given([{ put: own }]);
  later.disconnect(1);
  later.turn(10_000);
  strictEqual(later.entries()[0], own);
});

test("with a probe it is unhealthy until the probe says otherwise, and the probe ends with it", () => {
  const probe = { httpGet: { port: 8080, path: "/ready" }, periodSeconds: 5 };
  const shop = mesh(group({ probe }));
  const status = () => shop.entries()[0]?.status;
  const healthy = (said: string) => ({ conditions: [{ type: "Healthy", status: said }] });
  shop.connect(1, proxy());
  deepStrictEqual(
    shop.probes.map((p) => [p.probe, p.address]),
    [[probe, "10.9.0.1"]],
  );
  deepStrictEqual(status(), healthy("False"));
  shop.tell(true);
  deepStrictEqual(status(), healthy("True"));
  shop.tell(false);
  deepStrictEqual(status(), healthy("False"));
  shop.given([{ put: group({ probe: { tcpSocket: { port: 8080 } } }) }]);
  deepStrictEqual(
    shop.probes.map((p) => p.stopped),
    [true, false],
  );
  shop.tell(true);
  shop.probes[0]?.tell(false);
  deepStrictEqual(status(), healthy("True"));
  shop.given([{ put: group() }]);
  strictEqual(status(), undefined);
  ok(shop.probes.every((p) => p.stopped));
});

test("another workload that comes changes nothing of those that are there", () => {
  const shop = mesh(group());
  shop.connect(1, proxy());
  const [entry] = shop.entries();
  const before = shop.changed();
  shop.connect(2, proxy({ ips: ["10.9.0.2"] }));
  strictEqual(shop.entries()[0], entry);
  strictEqual(shop.changed(), before + 1);
});
