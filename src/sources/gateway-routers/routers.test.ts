import { deepStrictEqual, match, strictEqual } from "node:assert";
import { test } from "vitest";
import type { Change } from "../../model/change.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { VirtualAddresses } from "../virtual-addresses.ts";
import { GatewayRouters } from "./routers.ts";

const position = { file: "g.yaml", line: 1, column: 1 };
const origin = { ...position, at: "g.yaml:1:1", locate: () => position };

function object(type: string, namespace: string, name: string, spec: object, more: Partial<Resource> = {}): Resource {
  const shared = { type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 1, generation: 1 };
  return { ...shared, spec, origin, ...more };
}

const listeners = [
  { name: "web", port: 80, protocol: "HTTP" },
  { name: "other", port: 80, protocol: "HTTP" },
  { name: "dns", port: 53, protocol: "UDP" },
];
const gateway = (spec: object = {}, more: Partial<Resource> = {}) =>
  object("Gateway.gateway.networking.k8s.io", "shop", "front", { gatewayClassName: "istio", listeners, ...spec }, more);
const put = (...all: readonly Resource[]): readonly Change[] => all.map((resource) => ({ put: resource }));
const routers = (lowPorts = true) => new GatewayRouters(new VirtualAddresses(), { lowPorts });

/** `put Deployment.apps shop/front-istio`. */
const told = (changes: readonly Change[]) =>
  changes.map((change) => {
    const { type, namespace, name } = "put" in change ? change.put : change.remove;
    return `${"put" in change ? "put" : "remove"} ${type} ${namespace}/${name}`;
  });
const made = (changes: readonly Change[], type: string) =>
  changes.flatMap((c) => ("put" in c && c.put.type === type ? [c.put] : []))[0] as Resource;

test("a Gateway has a Deployment, a Service with an address, and a ServiceAccount, until it goes", () => {
  const all = routers();
  const changes = all.follow(put(gateway()));
  deepStrictEqual(told(changes).sort(), [
    "put Deployment.apps shop/front-istio",
    "put Service shop/front-istio",
    "put ServiceAccount shop/front-istio",
  ]);
  const { ports, selector, clusterIP } = made(changes, types.Service).spec as Record<string, unknown>;
  deepStrictEqual(selector, { "gateway.networking.k8s.io/gateway-name": "front" });
  match(String(clusterIP), /^10\.96\./);
  deepStrictEqual(
    (ports as { name: string; targetPort: number; protocol: string }[]).map((p) => [p.name, p.targetPort, p.protocol]),
    [
      ["status-port", 15021, "TCP"],
      ["web", 80, "TCP"],
      ["dns", 53, "UDP"],
    ],
  );
  deepStrictEqual(all.follow(put(gateway())), []);
  const { type, namespace, name } = gateway();
  strictEqual(all.follow([{ remove: { type, namespace, name } }]).length, 3);
});

test("where low ports are not to be had, the Service leads to higher ones", () => {
  const { ports } = made(routers(false).follow(put(gateway())), types.Service).spec as {
    ports: { targetPort: number }[];
  };
  deepStrictEqual(
    ports.map((p) => p.targetPort),
    [15021, 8080, 8053],
  );
});

test("only classes of the mesh, and only Gateways without Services of the user's as addresses", () => {
  deepStrictEqual(routers().follow(put(gateway({ gatewayClassName: "nginx" }))), []);
  const manual = { addresses: [{ type: "Hostname", value: "own.shop.svc.cluster.local" }] };
  deepStrictEqual(routers().follow(put(gateway(manual))), []);
  const all = routers();
  deepStrictEqual(all.follow(put(gateway({ gatewayClassName: "edge" }))), []);
  const own = object("GatewayClass.gateway.networking.k8s.io", "", "edge", {
    controllerName: "weft.dev/gateway-controller",
  });
  strictEqual(all.follow(put(own)).length, 3);
  strictEqual(
    told(all.follow(put({ ...own, spec: { controllerName: "x.example/y" } })))[0]?.startsWith("remove"),
    true,
  );
});

test("a Deployment of the user's of that name wins, whenever it comes", () => {
  const all = routers();
  all.follow(put(gateway()));
  const own = object(types.Deployment, "shop", "front-istio", {});
  deepStrictEqual(all.follow(put(own)), []);
  deepStrictEqual(told(all.follow([{ remove: own }])), ["put Deployment.apps shop/front-istio"]);
});

test("labels, annotations and a ConfigMap say how it shall be", () => {
  const infrastructure = {
    labels: { team: "edge" },
    annotations: { "proxy.istio.io/config": "concurrency: 2" },
    parametersRef: { group: "", kind: "ConfigMap", name: "wishes" },
  };
  const wishes = (data: Record<string, string>) => object(types.ConfigMap, "shop", "wishes", {}, { data: { data } });
  const all = routers();
  const first = all.follow(put(gateway({ infrastructure })));
  strictEqual(all.diagnostics[0]?.code, "WEFT0707");
  const template = (made(first, types.Deployment).spec as { template: { metadata: Resource } }).template.metadata;
  strictEqual(template.labels["team"], "edge");
  strictEqual(template.annotations["proxy.istio.io/config"], "concurrency: 2");
  const deployment =
    "spec:\n  replicas: 2\n  template: {spec: {containers: [{name: istio-proxy, env: [{name: A, value: b}]}]}}";
  const next = made(all.follow(put(wishes({ deployment }))), types.Deployment).spec as {
    replicas: number;
    template: { spec: { containers: unknown[] } };
  };
  strictEqual(all.diagnostics.length, 0);
  strictEqual(next.replicas, 2);
  deepStrictEqual(next.template.spec.containers, [
    { name: "istio-proxy", image: "auto", env: [{ name: "A", value: "b" }] },
  ]);
  all.follow(put(wishes({ service: "[]" })));
  match(all.diagnostics[0]?.message ?? "", /service: is not a map/);
});
