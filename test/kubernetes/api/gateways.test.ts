import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KubernetesError } from "../../../src/kubernetes/error.ts";
import { wantedRouters } from "../../../src/main/cluster-gateways.ts";
import { get } from "../../../src/model/snapshot.ts";
import { gatewayController } from "../../../src/operate/gateways/controller.ts";
import { until } from "../../e2e/ask.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { applied, installDefinitions, type OperatorBed, operatorBed, readUntil } from "./operator-bed.ts";

interface Read {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly object[];
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: {
    readonly type?: string;
    readonly replicas?: number;
    readonly maxReplicas?: number;
    readonly minAvailable?: number;
    readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
    readonly template?: {
      readonly metadata: Read["metadata"];
      readonly spec: {
        readonly containers: readonly { readonly image: string }[];
        readonly priorityClassName?: string;
      };
    };
  };
}

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

const web = { name: "web", port: 80, protocol: "HTTP" };

function gateway(name: string, more: object = {}, metadata: object = {}, listeners: readonly Listener[] = [web]) {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: "default", ...metadata },
    spec: { gatewayClassName: "weft", listeners, ...more },
  };
}

const deployment = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;
const service = (name: string) => `/api/v1/namespaces/default/services/${name}`;

describe.skipIf(noApiServer())("routers of Gateways on an API server", () => {
  let api: OwnApiServer;
  let bed: OperatorBed;
  const stops: (() => void)[] = [];
  const lead = (on = bed) => {
    const { discovery } = on.plane;
    const stop = gatewayController({
      ...{ client: on.client, ...on.parts, wanted: wantedRouters(discovery, "unlabelled") },
      there: (ref) => get(discovery.snapshot, ref),
      onChange: (listener) => discovery.onChange(listener),
    })();
    stops.push(stop);
    return stop;
  };
  const read = (path: string, holds: (object: Read) => boolean = () => true) =>
    readUntil<Read>(bed.client, path, holds);
  const gone = (path: string) =>
    until(`${path} is gone`, () =>
      bed.client.ask(path).then(
        () => false,
        (error) => error instanceof KubernetesError && error.code === 404,
      ),
    );
  beforeAll(async () => {
    api = await ownApiServer();
    await installDefinitions(api);
    bed = await operatorBed(api);
  }, 120_000);
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });
  afterAll(async () => {
    await bed?.stop();
    await api?.close();
  });

  it("makes a Deployment that asks for injection, a Service and a ServiceAccount, which belong to the Gateway", async () => {
    await applied(api, gateway("front", { infrastructure: { labels: { team: "shop" } } }));
    lead();
    const made = await read(deployment("front-weft"));
    const uid = await api.kubectl(["get", "gateway", "front", "-o", "jsonpath={.metadata.uid}"]);
    const owner = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "front", uid };
    expect(made.metadata.ownerReferences).toEqual([owner]);
    expect(made.spec.template?.metadata.labels).toMatchObject({ team: "shop", "sidecar.istio.io/inject": "true" });
    expect(made.spec.template?.metadata.annotations).toMatchObject({ "inject.istio.io/templates": "gateway" });
    expect(made.spec.template?.spec.containers).toMatchObject([{ name: "istio-proxy", image: "auto" }]);
    const { spec, metadata } = await read(service("front-weft"));
    expect(metadata.ownerReferences).toEqual([owner]);
    expect(spec.type).toBe("LoadBalancer");
    expect(spec.ports).toMatchObject([{ port: 15021 }, { name: "web", port: 80, targetPort: 80 }]);
    await read("/api/v1/namespaces/default/serviceaccounts/front-weft");
  });

  it("follows the Gateway: listeners, type of Service; and leaves alone what others set", async () => {
    await applied(api, gateway("changing"));
    lead();
    await read(service("changing-weft"));
    await api.kubectl(["scale", "deployment", "changing-weft", "--replicas=3"]);
    await api.kubectl(["annotate", "service", "changing-weft", "team=mine"]);
    const more = [web, { name: "https", port: 8443, protocol: "HTTP" }];
    await applied(
      api,
      gateway("changing", {}, { annotations: { "networking.istio.io/service-type": "ClusterIP" } }, more),
    );
    const { metadata } = await read(service("changing-weft"), ({ spec }) => spec.ports?.length === 3);
    expect(metadata.annotations).toMatchObject({ team: "mine" });
    await read(service("changing-weft"), ({ spec }) => spec.type === "ClusterIP");
    expect((await read(deployment("changing-weft"))).spec.replicas).toBe(3);
    await applied(api, gateway("changing", {}, {}, [web]));
    await read(service("changing-weft"), ({ spec }) => spec.ports?.length === 2);
  });

  it("mends what others did to its own fields, and makes again what is gone", async () => {
    await applied(api, gateway("drift"));
    lead();
    const { metadata } = await read(service("drift-weft"));
    const patch = JSON.stringify([{ op: "replace", path: "/spec/ports/1/targetPort", value: 9999 }]);
    await api.kubectl(["patch", "service", "drift-weft", "--type=json", "-p", patch]);
    await read(service("drift-weft"), ({ spec }) => spec.ports?.[1]?.targetPort === 80);
    await api.kubectl(["delete", "service", "drift-weft"]);
    await read(service("drift-weft"), (now) => now.metadata.uid !== metadata.uid);
  });

  it("takes away what the Gateway no longer wants, also what an earlier leader made", async () => {
    await applied(api, gateway("leaving"), gateway("given-away"));
    const stop = lead();
    await read(deployment("leaving-weft"));
    await read(deployment("given-away-weft"));
    await applied(api, gateway("leaving", { gatewayClassName: "another" }));
    await gone(deployment("leaving-weft"));
    await gone(service("leaving-weft"));
    stop();
    const manual = { addresses: [{ type: "Hostname", value: "own.default.svc.cluster.local" }] };
    await applied(api, gateway("given-away", manual));
    lead();
    await gone(deployment("given-away-weft"));
  });

  it("leaves a user's object of that name as it is, and says so", async () => {
    const own = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "taken-weft", namespace: "default" },
      spec: { ports: [{ port: 1234 }] },
    };
    await applied(api, own, gateway("taken"));
    lead();
    await read(deployment("taken-weft"));
    expect((await read(service("taken-weft"))).spec.ports).toMatchObject([{ port: 1234 }]);
    expect(bed.lines.filter((line) => line.includes("Service default/taken-weft"))).toHaveLength(1);
  });

  it("does as a ConfigMap wishes, and scales where it says so", async () => {
    const data = {
      deployment: "spec: {template: {spec: {priorityClassName: high}}}",
      horizontalPodAutoscaler: "spec: {minReplicas: 2, maxReplicas: 7}",
      podDisruptionBudget: "spec: {minAvailable: 1}",
    };
    const wishes = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "wishes", namespace: "default" }, data };
    const parametersRef = { group: "", kind: "ConfigMap", name: "wishes" };
    await applied(api, wishes, gateway("scaled", { infrastructure: { parametersRef } }));
    lead();
    await read(deployment("scaled-weft"), ({ spec }) => spec.template?.spec.priorityClassName === "high");
    const scaler = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/scaled-weft";
    expect((await read(scaler)).spec.maxReplicas).toBe(7);
    const budget = "/apis/policy/v1/namespaces/default/poddisruptionbudgets/scaled-weft";
    expect((await read(budget)).spec.minAvailable).toBe(1);
  });
});
