import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { types } from "../../../src/model/types.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { definitions } from "../definitions.ts";
import { type Editor, editor, type Written } from "../objects.ts";
import { noApiServer } from "../shared.ts";
import { type Reading, read } from "./source-kit.ts";
import { namespace, service, serviceAccount, virtualService } from "./source-objects.ts";

describe.skipIf(noApiServer())("a cluster as a source", () => {
  let api: OwnApiServer;
  let edit: Editor;
  const readings: Reading[] = [];
  const reading = async (...args: Parameters<typeof read> extends [unknown, ...infer Rest] ? Rest : never) => {
    const made = await read(api.config(), ...args);
    readings.push(made);
    return made;
  };

  beforeAll(async () => {
    api = await ownApiServer();
    edit = editor(api.config());
    const kinds = [types.VirtualService, types.Gateway, types.DestinationRule, types.ServiceEntry, types.Sidecar];
    const apis = [types.KubernetesGateway, types.HttpRoute, types.BackendTlsPolicy, types.GatewayClass];
    await edit.apply(...definitions([...kinds, ...apis]));
    await edit.apply(...["shop", "edge", "other"].map((name) => namespace(name)));
  });
  afterEach(async () => {
    await Promise.all(readings.splice(0).map((each) => each.stop()));
  });
  afterAll(() => api.close());

  it("tells everything first, then each change", async () => {
    const [first, second] = [service("shop", "first"), service("shop", "second")];
    await edit.apply(first);
    const r = await reading();
    expect(r.events()).toHaveLength(1);
    expect(r.get(types.Service, "shop", "first")).toMatchObject({
      apiVersion: "v1",
      spec: { clusterIP: expect.stringMatching(/^10\.96\./), ports: [{ port: 80, name: "http" }] },
      origin: { at: "Service shop/first" },
    });
    await edit.apply(second);
    await r.until("the second", (now) => now.get(types.Service, "shop", "second") !== undefined);
    await edit.apply(service("shop", "second", { ports: [{ port: 81, name: "http" }] }));
    await r.until("another port", (now) =>
      JSON.stringify(now.get(types.Service, "shop", "second")?.spec).includes('"port":81'),
    );
    await edit.remove(first, second);
    await r.until("none of the two", (now) => now.snapshot().objects.get(types.Service)?.get("shop") === undefined);
  });

  it("keeps of a Pod what the mesh reads", async () => {
    const pod: Written = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "ratings-v1-0",
        namespace: "shop",
        labels: { app: "ratings", "security.istio.io/tlsMode": "istio" },
        annotations: { "sidecar.istio.io/status": "{}", "example.org/long": "x".repeat(1000) },
      },
      spec: {
        serviceAccountName: "ratings",
        volumes: [{ name: "tmp", emptyDir: {} }],
        containers: [
          {
            name: "ratings",
            image: "ratings:1",
            env: [{ name: "SECRET", value: "do-not-keep" }],
            ports: [{ name: "http", containerPort: 9080 }],
          },
        ],
      },
    };
    await edit.apply(serviceAccount("shop", "ratings"));
    await edit.apply(pod);
    const status = { phase: "Running", podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }] };
    const conditions = [{ type: "Ready", status: "True" }];
    const { apiVersion, kind, metadata } = pod;
    const { name, namespace = "" } = metadata;
    await edit.applyStatus({
      ...{ apiVersion, kind, metadata: { name, namespace } },
      status: { ...status, conditions },
    });
    const r = await reading();
    const kept = r.get(types.Pod, "shop", "ratings-v1-0");
    expect(kept).toMatchObject({
      labels: { app: "ratings" },
      annotations: { "sidecar.istio.io/status": "{}" },
      spec: { serviceAccountName: "ratings", containers: [{ ports: [{ containerPort: 9080 }] }] },
      status: { ...status, conditions },
      data: { metadata: { uid: expect.any(String) } },
    });
    expect(JSON.stringify(kept)).not.toMatch(/do-not-keep|example\.org|volumes|managedFields/);
    const events = r.events().length;
    await edit.apply({ ...pod, metadata: { ...metadata, annotations: { "example.org/long": "y" } } });
    await edit.apply(service("shop", "after"));
    await r.until("what came after", (now) => now.get(types.Service, "shop", "after") !== undefined);
    expect(
      r
        .events()
        .slice(events)
        .flatMap((e) => e.changes)
        .flatMap((c) => ("put" in c && c.put.type === types.Pod ? [c.put.annotations] : [])),
      "an edit that the mesh does not read is not told, but that of an annotation which it reads",
    ).toEqual([{}]);
  });

  it("refuses a bad object alone, and what it said before stays", async () => {
    const good = virtualService("shop", "reviews", { timeout: "5s" });
    await edit.apply(good, virtualService("shop", "details", { timeout: "1s" }));
    const r = await reading();
    await edit.apply(virtualService("shop", "reviews", { timeout: "5 seconds" }));
    await r.until("a complaint", (now) => now.told().some((line) => line.includes("5 seconds")));
    const line = r.told().find((each) => each.includes("5 seconds"));
    expect(line).toMatch(/^VirtualService shop\/reviews error \S+ spec\.http\[0\]\.timeout: /);
    expect(r.get(types.VirtualService, "shop", "reviews")).toMatchObject({ spec: { http: [{ timeout: "5s" }] } });
    expect(r.get(types.VirtualService, "shop", "details")).toBeDefined();
    await edit.apply(virtualService("shop", "reviews", { timeout: "6s" }));
    await r.until("no complaint", (now) => !now.told().some((each) => each.includes("reviews")));
    expect(r.get(types.VirtualService, "shop", "reviews")).toMatchObject({ spec: { http: [{ timeout: "6s" }] } });
  });

  it("reads a configuration that is named on a revision for that revision and its tags alone", async () => {
    const labelled = (name: string, rev?: string) =>
      virtualService("other", name, { timeout: "1s" }, rev === undefined ? {} : { "istio.io/rev": rev });
    await edit.apply(
      labelled("all"),
      labelled("canary", "canary"),
      labelled("prod", "prod"),
      service("other", "x", {}, { "istio.io/rev": "old" }),
    );
    const names = (r: Reading) =>
      (r.snapshot().objects.get(types.VirtualService)?.get("other") ?? []).map((o) => o.name);
    const tag = (rev: string): Written => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "weft-revision-tag-prod", labels: { "istio.io/tag": "prod", "istio.io/rev": rev } },
    });
    await edit.apply(tag("canary"));
    const [one, canary] = [await reading(), await reading({ revision: "canary" })];
    expect(names(one)).toEqual(["all"]);
    expect(names(canary)).toEqual(["all", "canary", "prod"]);
    expect(one.get(types.Service, "other", "x"), "a Service has no revision").toBeDefined();
    await edit.apply(labelled("canary", "default"), labelled("all", "canary"));
    await one.until("they changed places", (r) => names(r).join() === "canary");
    await canary.until("one fewer", (r) => names(r).join() === "all,prod");
    await edit.apply(tag("default"));
    await one.until("the tag is its own now", (r) => names(r).join() === "canary,prod");
    await canary.until("the tag is not its own any more", (r) => names(r).join() === "all");
  });

  it("gives hosts of ServiceEntries addresses that every replica gives, also after others came and went", async () => {
    const entry = (name: string, hosts: readonly string[]): Written => ({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name, namespace: "shop" },
      spec: { hosts, ports: [{ number: 443, name: "tls", protocol: "TLS" }], resolution: "DNS" },
    });
    const all = Array.from({ length: 40 }, (_, i) => entry(`entry-${i}`, [`a${i}.example.org`, `b${i}.example.org`]));
    const addresses = (r: Reading) =>
      JSON.stringify((r.snapshot().objects.get(types.ServiceEntry)?.get("shop") ?? []).map((o) => [o.name, o.status]));
    const early = await reading();
    for (const each of all) await edit.apply(each);
    await edit.remove(...all.slice(0, 5));
    await early.until("all", (r) => r.snapshot().objects.get(types.ServiceEntry)?.get("shop")?.length === 35);
    const late = await reading();
    expect(addresses(late)).toBe(addresses(early));
    expect(new Set(addresses(late).match(/240\.240\.\d+\.\d+/g)).size).toBe(70);
  });
});
