import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Candidate } from "../../../src/kubernetes/lease.ts";
import { meshView } from "../../../src/main/cluster-status.ts";
import { StatusLoop } from "../../../src/operate/status/loop.ts";
import { TYPE } from "../../../src/xds/type-url.ts";
import { openDelta } from "../../e2e/delta-client.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { applied, installDefinitions, type OperatorBed, operatorBed, readUntil } from "./operator-bed.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

interface Read {
  readonly metadata: {
    readonly generation: number;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly subresource?: string;
      readonly fieldsV1: object;
    }[];
  };
  readonly spec: object;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly validationMessages?: readonly { readonly type: { readonly code: string }; readonly level: string }[];
    readonly listeners?: readonly { readonly attachedRoutes: number; readonly conditions: readonly Condition[] }[];
    readonly parents?: readonly { readonly controllerName: string; readonly conditions: readonly Condition[] }[];
  };
}

const istio = "/apis/networking.istio.io/v1/namespaces/default";
const gatewayApi = "/apis/gateway.networking.k8s.io/v1";

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "reviews", namespace: "default" },
  spec: { clusterIP: "10.96.7.7", ports: [{ port: 9080, name: "http" }] },
};
const virtualService = (name: string, timeout: string, labels = {}) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace: "default", labels },
  spec: { hosts: [name], http: [{ timeout, route: [{ destination: { host: name } }] }] },
});
const gateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "front", namespace: "default" },
  spec: { gatewayClassName: "weft", listeners: [{ name: "web", port: 80, protocol: "HTTP" }] },
};
const route = (backend: string) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "shop", namespace: "default" },
  spec: { parentRefs: [{ name: "front" }], rules: [{ backendRefs: [{ name: backend, port: 9080 }] }] },
});

const condition = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.find((c) => c.type === type);

describe.skipIf(noApiServer())("statuses on an API server", () => {
  let api: OwnApiServer;
  let bed: OperatorBed;
  const loops: StatusLoop[] = [];
  const lead = (on = bed) => {
    const { discovery } = on.plane;
    const loop = new StatusLoop({
      ...{ client: on.client, ...on.parts, view: meshView(discovery, "unlabelled") },
      onChange: (listener) => discovery.onChange(listener),
    });
    loops.push(loop);
    return loop;
  };
  const read = (path: string, holds: (object: Read) => boolean, what?: string) =>
    readUntil<Read>(bed.client, path, holds, what);
  beforeAll(async () => {
    api = await ownApiServer();
    await installDefinitions(api);
    await applied(api, service, virtualService("reviews", "5s"), gateway, route("reviews"));
    bed = await operatorBed(api);
  }, 120_000);
  afterEach(() => {
    for (const loop of loops.splice(0)) loop.stop();
  });
  afterAll(async () => {
    await bed?.stop();
    await api?.close();
  });

  it("tells Gateways and routes as the specification has it, and changes as their objects change", async () => {
    lead();
    const first = await read(`${gatewayApi}/namespaces/default/gateways/front`, (g) =>
      (g.status?.listeners ?? []).some((l) => l.attachedRoutes === 1),
    );
    expect(condition(first.status?.conditions, "Accepted")).toMatchObject({ status: "True", observedGeneration: 1 });
    expect(condition(first.status?.conditions, "Programmed")).toMatchObject({ reason: "AddressNotAssigned" });
    const path = `${gatewayApi}/namespaces/default/httproutes/shop`;
    const parent = (r: Read) => r.status?.parents?.find((p) => p.controllerName === "weft.dev/gateway-controller");
    const good = await read(path, (r) => parent(r) !== undefined);
    expect(condition(parent(good)?.conditions, "ResolvedRefs")).toMatchObject({ status: "True" });
    const accepted = condition(parent(good)?.conditions, "Accepted");
    await applied(api, route("nobody"));
    const bad = await read(path, (r) => condition(parent(r)?.conditions, "ResolvedRefs")?.status === "False");
    expect(condition(parent(bad)?.conditions, "ResolvedRefs")).toMatchObject({ reason: "BackendNotFound" });
    expect(condition(parent(bad)?.conditions, "Accepted")).toMatchObject({
      observedGeneration: 2,
      lastTransitionTime: accepted?.lastTransitionTime,
    });
  });

  it("keeps what other controllers wrote, and writes nothing but the status", async () => {
    await applied(api, {
      ...route("reviews"),
      metadata: { name: "kept", namespace: "default", annotations: { a: "b" } },
    });
    const path = `${gatewayApi}/namespaces/default/httproutes/kept`;
    const others = {
      parentRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name: "front" },
      controllerName: "another.example/controller",
      conditions: [
        {
          type: "Accepted",
          status: "True",
          reason: "Accepted",
          message: "",
          lastTransitionTime: "2024-01-01T00:00:00Z",
        },
      ],
    };
    await bed.client.ask(`${path}/status`, {
      ...{ method: "PATCH", contentType: "application/merge-patch+json", query: { fieldManager: "another" } },
      body: { status: { parents: [others] } },
    });
    const before = await bed.client.ask<Read>(path);
    lead();
    const after = await read(path, (r) => r.status?.parents?.length === 2);
    expect(after.status?.parents?.[0]).toEqual(others);
    expect(after.metadata.generation).toBe(before.metadata.generation);
    expect(after.metadata.annotations).toEqual(before.metadata.annotations);
    expect(after.spec).toEqual(before.spec);
    const ours = after.metadata.managedFields.filter((f) => f.manager === "weft");
    expect(ours.map((f) => f.subresource)).toEqual(["status"]);
    expect(Object.keys(ours[0]?.fieldsV1 ?? {})).toEqual(["f:status"]);
  });

  it("tells how many proxies have an object, and what Envoy said of it", async () => {
    await applied(api, virtualService("reviews", "6s"));
    lead();
    const path = `${istio}/virtualservices/reviews`;
    const reconciled = (r: Read) => condition(r.status?.conditions, "Reconciled");
    const none = await read(path, (r) => reconciled(r)?.observedGeneration === 2);
    expect(reconciled(none)).toMatchObject({ status: "True", reason: "NoProxies" });
    expect(condition(none.status?.conditions, "PassedAnalysis")).toMatchObject({ status: "True" });
    const client = openDelta({
      url: bed.xds,
      node: { id: "sidecar~10.0.0.1~web.default~default.svc.cluster.local", metadata: { NAMESPACE: "default" } },
    });
    try {
      await client.ask(TYPE.cluster);
      await client.ask(TYPE.listener);
      await client.ask(TYPE.route, ["9080|reviews.default.svc.cluster.local"]);
      const taken = await read(path, (r) => reconciled(r)?.reason === "Distributed");
      expect(reconciled(taken)).toMatchObject({ status: "True", message: "1/1 proxies up to date." });
      await applied(api, virtualService("reviews", "7s"));
      await client.ask(TYPE.route, [], "no such thing as a timeout of 7s");
      const refused = await read(path, (r) => reconciled(r)?.reason === "Refused");
      expect(reconciled(refused)).toMatchObject({ status: "False", observedGeneration: 3 });
      expect(reconciled(refused)?.message).toMatch(/RDS 9080\|reviews.*no such thing as a timeout of 7s/);
    } finally {
      client.close();
    }
  });

  it("tells what analysis finds, also of an object that is refused", async () => {
    await applied(api, virtualService("nowhere", "5s"));
    lead();
    const found = await read(`${istio}/virtualservices/nowhere`, (r) => r.status?.conditions !== undefined);
    expect(found.status?.validationMessages).toMatchObject([{ type: { code: "IST0101" }, level: "ERROR" }]);
    expect(condition(found.status?.conditions, "PassedAnalysis")).toMatchObject({ status: "False" });
    const bad = virtualService("nowhere", "5s");
    const http = [{ ...bad.spec.http[0], match: [{ uri: { regex: "(" } }] }];
    await applied(api, { ...bad, spec: { ...bad.spec, http } });

    const refused = await read(`${istio}/virtualservices/nowhere`, (r) =>
      (r.status?.conditions ?? []).some((c) => c.observedGeneration === 2 && c.message.includes("regex")),
    );
    expect(condition(refused.status?.conditions, "PassedAnalysis")).toMatchObject({ reason: "ErrorsFound" });
  });

  it("writes only what changes, and the next leader finds nothing to write", async () => {
    await applied(api, ...["a", "b", "c", "d", "e", "f"].map((name) => virtualService(`quiet-${name}`, "5s")));
    const first = lead();
    const all = ["a", "b", "c", "d", "e", "f"].map((name) => `${istio}/virtualservices/quiet-${name}`);
    const versions = () =>
      Promise.all(all.map(async (path) => (await bed.client.ask<Read>(path)).metadata.resourceVersion));
    for (const path of all) await read(path, (r) => r.status?.conditions !== undefined);
    first.stop();
    const before = await versions();
    lead();
    // What is written after all the others tells that these were looked at.
    await applied(api, virtualService("quiet-last", "5s"));
    await read(`${istio}/virtualservices/quiet-last`, (r) => r.status?.conditions !== undefined);
    expect(await versions()).toEqual(before);
  });

  it("of two replicas one writes, and the other goes on when it leaves", async () => {
    const other = await operatorBed(api);
    const replica = (on: OperatorBed, identity: string) => {
      const own: { loop?: StatusLoop } = {};
      const lease = { namespace: "default", name: "status-test", identity, durationMs: 3_000 };
      const onChange = (held: boolean) => {
        if (held) own.loop = lead(on);
        else own.loop?.stop();
      };
      return { own, candidate: new Candidate({ client: on.client, ...on.parts, ...lease, onChange }) };
    };
    const both = [replica(bed, "one"), replica(other, "two")];
    const path = `${istio}/virtualservices/replicas`;
    try {
      await applied(api, virtualService("replicas", "5s"));
      await read(path, (r) => r.status?.conditions !== undefined);
      const leaders = both.filter(({ own }) => own.loop !== undefined);
      expect(leaders).toHaveLength(1);
      await leaders[0]?.candidate.stop();
      await applied(api, virtualService("replicas", "6s"));
      await read(path, (r) => r.status?.conditions?.[0]?.observedGeneration === 2);
      expect(both.every(({ own }) => own.loop !== undefined)).toBe(true);
    } finally {
      for (const { candidate } of both) await candidate.stop();
      await other.stop();
    }
  });

  it("tries again where it may not write, and names the kind once", async () => {
    const rules = [
      { apiGroups: ["networking.istio.io"], resources: ["virtualservices"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["services", "namespaces", "pods", "nodes"], verbs: ["get", "list", "watch"] },
    ];
    const kubeconfig = await api.account({ namespace: "default", name: "reader", rules });
    const config = bed.client && api.config();
    config.loadFromFile(kubeconfig);
    const own = await operatorBed(api, config);
    try {
      await applied(api, virtualService("forbidden", "5s"));
      lead(own);
      await expect
        .poll(() => own.lines.filter((line) => line.startsWith("a kind gets no status")), { timeout: 20_000 })
        .toEqual([expect.stringContaining("patch of virtualservices/status")]);
    } finally {
      await own.stop();
    }
  });
});
