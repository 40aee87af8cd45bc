import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { kubernetesClient } from "../../../src/kubernetes/client.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import { types } from "../../../src/model/types.ts";
import { endpoints, endpointsKey } from "../../../src/plan/registry/endpoints.ts";
import { meshConfigMap } from "../../../src/sources/mesh-config-map.ts";
import { Tracker } from "../../../src/track/tracker.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { definitions } from "../definitions.ts";
import { type Editor, editor } from "../objects.ts";
import { noApiServer } from "../shared.ts";
import { quiet, type Reading, read } from "./source-kit.ts";
import { gateway, namespace, pod, secret, service, slice } from "./source-objects.ts";

describe.skipIf(noApiServer())("of a cluster only a part", () => {
  let api: OwnApiServer;
  let edit: Editor;
  const readings: Reading[] = [];
  const reading = async (...args: Parameters<typeof read>) => {
    const made = await read(...args);
    readings.push(made);
    return made;
  };
  beforeAll(async () => {
    api = await ownApiServer();
    edit = editor(api.config());
    await edit.apply(...definitions([types.Gateway]));
    await edit.apply(...["shop", "edge", "other", "mesh"].map((name) => namespace(name)));
    await edit.apply(...["shop", "edge", "other"].map((ns) => account(ns)));
  });
  afterEach(async () => {
    await Promise.all(readings.splice(0).map((each) => each.stop()));
  });
  afterAll(() => api.close());

  const account = (ns: string) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace: ns, name: "default" },
  });
  const names = (r: Reading, type: string) =>
    [...(r.snapshot().objects.get(type)?.entries() ?? [])]
      .flatMap(([ns, all]) => all.map((o) => `${ns}/${o.name}`))
      .sort();

  it("reads a Secret for as long as a Gateway names it, where the Gateway's proxies are", async () => {
    await edit.apply(secret("edge", "tls"), secret("edge", "unnamed"), secret("shop", "tls"), secret("other", "tls"));
    const [router] = pod("edge", "router", { istio: "edge" }, ["10.2.0.1"]);
    await edit.apply(router);
    const front = gateway("shop", "front", { istio: "edge" }, "tls");
    await edit.apply(front);
    const r = await reading(api.config());
    expect(names(r, types.Secret), "beside the Gateway, too").toEqual(["edge/tls", "shop/tls"]);
    expect(r.events(), "with all the rest").toHaveLength(1);
    await edit.apply(secret("edge", "tls", "2"));
    await r.until("its new content", (now) =>
      JSON.stringify(now.get(types.Secret, "edge", "tls")?.data).includes("Mg=="),
    );
    await edit.apply(gateway("shop", "front", { istio: "edge" }, "unnamed"));
    await r.until("another name", (now) => names(now, types.Secret).join() === "edge/unnamed");
    const [second] = pod("other", "router", { istio: "edge" }, ["10.2.0.2"]);
    await edit.apply(secret("other", "unnamed"), second);
    await r.until("another router", (now) => names(now, types.Secret).join() === "edge/unnamed,other/unnamed");
    await edit.remove(front);
    await r.until("none", (now) => names(now, types.Secret).length === 0);
  });

  it("tells whoever names a Secret that may not be read how to mend it", async () => {
    const groups = ["", "apps", "discovery.k8s.io", "networking.k8s.io", "networking.istio.io", "apiextensions.k8s.io"];
    const resources = ["services", "namespaces", "pods", "nodes", "endpointslices", "deployments", "ingresses"];
    const custom = ["ingressclasses", "gateways", "customresourcedefinitions"];
    const rules = [{ apiGroups: groups, resources: [...resources, ...custom], verbs: ["get", "list", "watch"] }];
    const config = new KubeConfig();
    config.loadFromFile(await api.account({ namespace: "mesh", name: "weft", rules }));
    await edit.apply(secret("shop", "cert"), gateway("shop", "closed", { istio: "none" }, "cert"));
    const r = await reading(config);
    const complaint =
      /^Gateway shop\/closed error WEFT0036 Secret shop\/cert cannot be read: .*forbidden.*; run (kubectl create rolebinding .*)$/;
    const told = r.told().find((t) => complaint.test(t)) ?? r.told().join();
    expect(told).toMatch(complaint);
    await edit.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "weft-secret-reader" },
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }],
    });
    await api.kubectl((complaint.exec(told)?.[1] ?? "").split(" ").slice(1));
    await r.until("the Secret, after what was told was done", (now) => names(now, types.Secret).join() === "shop/cert");
    await r.until("no complaint", (now) => !now.told().some((t) => t.includes("WEFT0036")));
    await edit.remove(gateway("shop", "closed", { istio: "none" }, "cert"));
  });

  it("keeps what is in the namespaces that the settings choose, live", async () => {
    const settings = (mesh: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio", namespace: "mesh" },
      data: { mesh },
    });
    await edit.apply(settings("rootNamespace: mesh\ndiscoverySelectors: [{matchLabels: {mesh: 'yes'}}]\n"));
    await edit.apply(
      namespace("shop", { mesh: "yes" }),
      ...["shop", "other", "mesh"].map((ns) => service(ns, "chosen")),
    );
    const client = kubernetesClient(api.config());
    const parts = { client, clock, random, log: quiet, judge: () => [] };
    const map = meshConfigMap({ ...parts, namespace: "mesh", name: "istio" });
    const [r] = await Promise.all([reading(api.config(), { settings: map }), map.start(() => {})]);
    const chosen = () =>
      names(r, types.Service)
        .filter((name) => name.endsWith("/chosen"))
        .join();
    const until = (expected: string) => r.until(expected, () => chosen() === expected);
    expect(chosen()).toBe("mesh/chosen,shop/chosen");
    await edit.apply(namespace("other", { mesh: "yes" }));
    await until("mesh/chosen,other/chosen,shop/chosen");
    await edit.apply(namespace("shop", { mesh: "no" }));
    await until("mesh/chosen,other/chosen");
    await edit.apply(namespace("late", { mesh: "yes" }), ...[service("other", "x")]);
    await edit.apply(service("late", "chosen"));
    await until("late/chosen,mesh/chosen,other/chosen");
    await edit.apply(settings("rootNamespace: mesh\n"));
    await until("late/chosen,mesh/chosen,other/chosen,shop/chosen");
    await map.stop();
    client.close();
  });

  it("is enough to know a Service's endpoints by its slices: who they are, and which of them are ready", async () => {
    const labels = { app: "web", "security.istio.io/tlsMode": "istio" };
    const pods = [
      pod("shop", "web-0", labels, ["10.1.0.1", "fd00::1"]),
      pod("shop", "web-1", { app: "web" }, ["10.1.0.2", "fd00::2"]),
      pod("shop", "web-2", labels, ["10.1.0.3", "fd00::3"]),
    ];
    for (const [whole, status] of pods) {
      await edit.apply(whole);
      await edit.applyStatus(status);
    }
    const of = (n: number, ip: string, conditions: object) => ({
      addresses: [ip],
      conditions,
      targetRef: { kind: "Pod", namespace: "shop", name: `web-${n}` },
    });
    const going = { ready: false, serving: true, terminating: true };
    const spec = { ports: [{ port: 80, name: "http", targetPort: "http" }], selector: { app: "web" } };
    await edit.apply(
      service("shop", "web", spec),
      slice("shop", "web-a", "web", "IPv4", [of(0, "10.1.0.1", { ready: true }), of(1, "10.1.0.2", { ready: true })]),
      slice("shop", "web-b", "web", "IPv4", [of(2, "10.1.0.3", going), of(9, "10.1.0.9", { ready: true })]),
      slice("shop", "web-6", "web", "IPv6", [of(0, "fd00::1", { ready: true }), of(1, "fd00::2", { ready: true })]),
    );
    const r = await reading(api.config());
    const key = { type: types.Service, namespace: "shop", name: "web", host: "web.shop.svc.cluster.local" };
    const found = new Tracker(r.snapshot()).ask(endpoints, endpointsKey(key, 80));
    const shown = found.map(({ address, port, healthy, mtls, workload }) => ({
      ...{ address, port, healthy, mtls },
      pod: workload.instance,
    }));
    expect(
      shown.toSorted((a, b) => (a.pod < b.pod ? -1 : 1)),
      "one of each Pod that is known",
    ).toEqual([
      { address: "10.1.0.1", port: 8080, healthy: true, mtls: true, pod: "web-0" },
      { address: "10.1.0.2", port: 8080, healthy: true, mtls: false, pod: "web-1" },
      { address: "10.1.0.3", port: 8080, healthy: false, mtls: true, pod: "web-2" },
    ]);
  });
});
