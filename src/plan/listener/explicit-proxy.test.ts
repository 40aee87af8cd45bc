import { expect, test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import { viewKey } from "../view.ts";
import { type ExplicitProxy, explicitProxy } from "./explicit-proxy.ts";

const at = { file: "t.yaml", line: 1, column: 1 };

function object(type: string, namespace: string, name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const origin = { ...at, at: `${namespace}/${name}.yaml:1:1`, locate: () => at };
  const base = { type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ ...base, spec, origin, ...more });
}

function service(namespace: string, name: string, clusterIP: string, port: object): Resource {
  return object(types.Service, namespace, name, { clusterIP, selector: { app: name }, ports: [port] });
}

function pod(name: string, app: string, podIP: string): Resource {
  const status = { podIP, conditions: [{ type: "Ready", status: "True" }] };
  return object(types.Pod, "shop", name, {}, { labels: { app }, status });
}

function entry(name: string, spec: object): Resource {
  return object(types.ServiceEntry, "shop", name, spec);
}

function proxyOf(...objects: readonly Resource[]): ExplicitProxy {
  const tracker = new Tracker(
    apply(
      empty,
      objects.map((put) => ({ put })),
    ),
  );
  return tracker.ask(explicitProxy, viewKey({ kind: "sidecar", namespace: "shop", labels: {} }));
}

const namesTo = ({ targets }: ExplicitProxy, to: string) => targets.find((t) => t.to === to)?.names;

test("HTTP of all services of a port shares one way, by every name that a Pod's resolver knows", () => {
  const proxy = proxyOf(
    service("shop", "cart", "10.96.0.1", { name: "http", port: 9080 }),
    service("other", "stock", "10.96.0.2", { name: "http", port: 9080 }),
  );
  expect(proxy.ports).toEqual([{ port: 9080, way: "loopback|0.0.0.0_9080" }]);
  expect(proxy.ways).toEqual([{ name: "loopback|0.0.0.0_9080", ends: [{ listener: "0.0.0.0_9080" }] }]);
  const names = namesTo(proxy, "loopback|0.0.0.0_9080");
  expect(names).toEqual(
    expect.arrayContaining(["cart:9080", "cart.shop:9080", "cart.shop.svc.cluster.local:9080", "10.96.0.1:9080"]),
  );
  expect(names).toContain("stock.other:9080");
  expect(names).not.toContain("stock:9080");
});

test("a URL without a port means 80", () => {
  const proxy = proxyOf(service("shop", "cart", "10.96.0.1", { name: "http", port: 80 }));
  expect(namesTo(proxy, "loopback|0.0.0.0_80")).toEqual(expect.arrayContaining(["cart", "cart:80"]));
});

test("bytes go to the listener of the service's address, which hears what was called", () => {
  const proxy = proxyOf(service("shop", "db", "10.96.0.3", { name: "mysql", port: 3306, appProtocol: "mysql" }));
  const to = "loopback|3306||db.shop.svc.cluster.local";
  expect(namesTo(proxy, to)).toContain("db:3306");
  expect(proxy.ways).toEqual([{ name: to, ends: [{ listener: "10.96.0.3_3306", called: "10.96.0.3:3306" }] }]);
});

test("a headless service's name is all its endpoints, a Pod's name that one", () => {
  const proxy = proxyOf(
    service("shop", "queue", "None", { name: "http", port: 8080 }),
    pod("queue-0", "queue", "10.0.0.4"),
    pod("queue-1", "queue", "10.0.0.5"),
  );
  const way = (name: string) => proxy.ways.find((w) => w.name === name)?.ends.map((e) => e.called);
  expect(way("loopback|8080||queue.shop.svc.cluster.local")).toEqual(["10.0.0.4:8080", "10.0.0.5:8080"]);
  expect(way("loopback|8080||queue-1.queue.shop.svc.cluster.local")).toEqual(["10.0.0.5:8080"]);
  expect(namesTo(proxy, "loopback|8080||queue-1.queue.shop.svc.cluster.local")).toEqual(
    expect.arrayContaining(["queue-1.queue.shop:8080", "queue-1.queue:8080"]),
  );
});

test("what nobody resolves for the mesh is resolved by the proxy", () => {
  const ports = [{ number: 443, name: "tls", protocol: "TLS" }];
  const proxy = proxyOf(entry("api", { hosts: ["api.example.com"], resolution: "NONE", ports }));
  expect(namesTo(proxy, "outbound|443||api.example.com")).toEqual(["api.example.com:443"]);
});

test("no name is in two targets: a full name counts before the short one of another service", () => {
  const ports = [{ number: 80, name: "http", protocol: "HTTP" }];
  const proxy = proxyOf(
    service("shop", "cart", "10.96.0.1", { name: "tcp", port: 80 }),
    entry("cart", { hosts: ["cart.shop"], resolution: "DNS", ports }),
  );
  const all = proxy.targets.flatMap((t) => t.names);
  expect(new Set(all).size).toBe(all.length);
  expect(namesTo(proxy, "loopback|0.0.0.0_80")).toContain("cart.shop:80");
});
