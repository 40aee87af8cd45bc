import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meshView } from "../../../src/main/cluster-status.ts";
import { StatusLoop } from "../../../src/operate/status/loop.ts";
import { collectionOf } from "../../../src/operate/status/write.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { applied, installDefinitions, type OperatorBed, operatorBed, readUntil } from "./operator-bed.ts";

// One object of each kind that has a status of the mesh's: what is written must be what its definition allows.

interface Read {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
    readonly parents?: readonly { readonly controllerName: string }[];
    readonly ancestors?: readonly { readonly controllerName: string }[];
    readonly listeners?: readonly {
      readonly conditions: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
    }[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

const meta = { name: "one", namespace: "default" };
const object = (apiVersion: string, kind: string, spec: object, metadata: object = meta) => ({
  ...{ apiVersion, kind, metadata, spec },
});
const gatewayApi = (kind: string, spec: object, metadata: object = meta) =>
  object("gateway.networking.k8s.io/v1", kind, spec, metadata);
const route = (kind: string, port: number) =>
  gatewayApi(kind, { parentRefs: [{ name: "one", port }], rules: [{ backendRefs: [{ name: "api", port: 80 }] }] });
const selector = { selector: { matchLabels: { app: "api" } } };

const services = [
  object("v1", "Service", { ports: [{ name: "http", port: 80 }] }, { ...meta, name: "api" }),
  object(
    "v1",
    "Service",
    { type: "LoadBalancer", selector: { istio: "ingressgateway" }, ports: [{ port: 80 }] },
    { ...meta, name: "edge" },
  ),
  object("networking.k8s.io/v1", "IngressClass", { controller: "istio.io/ingress-controller" }, { name: "istio" }),
];
const tls = { certificateRefs: [{ name: "hidden" }] };
const ofGatewayApi = [
  gatewayApi("GatewayClass", { controllerName: "weft.dev/gateway-controller" }, { name: "weft" }),
  gatewayApi("Gateway", {
    gatewayClassName: "weft",
    allowedListeners: { namespaces: { from: "All" } },
    listeners: [
      { name: "web", port: 80, protocol: "HTTP" },
      { name: "tcp", port: 81, protocol: "TCP" },
      { name: "tls", port: 82, protocol: "TLS", tls: { mode: "Passthrough" } },
      { name: "udp", port: 83, protocol: "UDP" },
      { name: "https", port: 443, protocol: "HTTPS", tls },
    ],
  }),
  gatewayApi("ListenerSet", { parentRef: { name: "one" }, listeners: [{ name: "more", port: 84, protocol: "HTTP" }] }),
  route("HTTPRoute", 80),
  route("GRPCRoute", 80),
  route("TCPRoute", 81),
  { ...route("TLSRoute", 82), spec: { ...route("TLSRoute", 82).spec, hostnames: ["a.example"] } },
  route("UDPRoute", 83),
  gatewayApi("BackendTLSPolicy", {
    targetRefs: [{ group: "", kind: "Service", name: "api" }],
    validation: { hostname: "api.example", wellKnownCACertificates: "System" },
  }),
];
const networking = "networking.istio.io/v1";
const security = "security.istio.io/v1";
const ofIstio = [
  object(networking, "VirtualService", { hosts: ["api"], http: [{ route: [{ destination: { host: "api" } }] }] }),
  object(networking, "DestinationRule", { host: "api" }),
  object(networking, "Gateway", { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] }),
  object(networking, "ServiceEntry", {
    hosts: ["a.example"],
    ports: [{ number: 80, name: "http" }],
    resolution: "DNS",
  }),
  object(networking, "Sidecar", { egress: [{ hosts: ["./*"] }] }),
  object(networking, "WorkloadEntry", { address: "10.9.9.9" }),
  object(networking, "WorkloadGroup", { template: { serviceAccount: "x" } }),
  object("networking.istio.io/v1alpha3", "EnvoyFilter", {}),
  object("networking.istio.io/v1beta1", "ProxyConfig", { concurrency: 1 }),
  object(security, "PeerAuthentication", { mtls: { mode: "STRICT" } }),
  object(security, "RequestAuthentication", selector),
  object(security, "AuthorizationPolicy", {}),
  object("telemetry.istio.io/v1", "Telemetry", {}),
];

const pathOf = ({ apiVersion, kind, metadata }: ReturnType<typeof object>) => {
  const { root, plural } = collectionOf(`${kind}.${apiVersion.split("/")[0]}`, apiVersion);
  const { name, namespace } = metadata as { readonly name: string; readonly namespace?: string };
  return namespace === undefined ? `${root}/${plural}/${name}` : `${root}/namespaces/${namespace}/${plural}/${name}`;
};

describe.skipIf(noApiServer())("statuses of all kinds", () => {
  let api: OwnApiServer;
  let bed: OperatorBed;
  const loops: StatusLoop[] = [];
  const ingress = object("networking.k8s.io/v1", "Ingress", {
    ingressClassName: "istio",
    defaultBackend: { service: { name: "api", port: { number: 80 } } },
  });
  const read = (path: string, holds: (object: Read) => boolean) => readUntil<Read>(bed.client, path, holds);

  beforeAll(async () => {
    api = await ownApiServer();
    await installDefinitions(api);
    await applied(api, ...services, ...ofGatewayApi, ...ofIstio, ingress);
    const balanced = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } } });
    await api.kubectl(["patch", "service", "edge", "--subresource=status", "--type=merge", "-p", balanced]);
    // A control plane that may read no Secret, and what else it may is the administrator's.
    const everything = [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch", "patch"] }];
    const others = everything.map((rule) => ({ ...rule, apiGroups: groups }));
    const may = [
      ...others,
      { apiGroups: [""], resources: ["services", "pods", "nodes", "namespaces"], verbs: ["get", "list", "watch"] },
    ];
    const config = api.config();
    config.loadFromFile(await api.account({ namespace: "istio-system", name: "weft", rules: may }));
    bed = await operatorBed(api, config);
    const { discovery } = bed.plane;
    const onChange = (listener: () => void) => discovery.onChange(listener);
    loops.push(new StatusLoop({ client: bed.client, ...bed.parts, view: meshView(discovery, "unlabelled"), onChange }));
  }, 120_000);
  afterAll(async () => {
    for (const loop of loops) loop.stop();
    await bed?.stop();
    await api?.close();
  });

  it.each(ofGatewayApi.map((one) => [one.kind, one] as const))("Gateway API's %s", async (_kind, one) => {
    const { status } = await read(
      pathOf(one),
      ({ status: s }) =>
        [s?.parents, s?.ancestors].some((all) =>
          all?.some((e) => e.controllerName === "weft.dev/gateway-controller"),
        ) || (s?.conditions ?? []).some((c) => c.type === "Accepted" && c.reason !== "Pending"),
    );
    expect(status).toBeDefined();
  });

  it.each(ofIstio.map((one) => [one.kind, one] as const))("Istio's %s", async (_kind, one) => {
    const { status } = await read(pathOf(one), (r) => r.status?.conditions !== undefined);
    expect(status?.conditions?.map((c) => c.type).sort()).toEqual(["PassedAnalysis", "Reconciled"]);
  });

  it("an Ingress has the address of the gateway that serves it", async () => {
    const { status } = await read(pathOf(ingress), (r) => r.status?.loadBalancer?.ingress !== undefined);
    expect(status?.loadBalancer?.ingress).toEqual([{ ip: "203.0.113.9" }]);
  });

  it("a listener whose Secret may not be read says who refuses, and the command that lets it be read", async () => {
    const gateway = ofGatewayApi[1] as ReturnType<typeof object>;
    const refs = (r: Read) =>
      r.status?.listeners?.flatMap((l) => l.conditions).find((c) => c.reason === "InvalidCertificateRef");
    const found = await read(pathOf(gateway), (r) => refs(r)?.message.includes("cannot be read") === true);
    expect(refs(found)?.message).toContain("Secret default/hidden cannot be read");
    expect(refs(found)?.message).toContain(
      "kubectl create rolebinding weft-secret-reader -n default --clusterrole=weft-secret-reader --serviceaccount=istio-system:weft",
    );
  });
});

const groups = [
  "networking.istio.io",
  "security.istio.io",
  "telemetry.istio.io",
  "extensions.istio.io",
  "gateway.networking.k8s.io",
  "networking.k8s.io",
  "discovery.k8s.io",
  "weft.dev",
  "apps",
];
