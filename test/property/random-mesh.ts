import type { Change } from "../../src/model/change.ts";
import { gatewayNameLabel } from "../../src/model/gateway-class.ts";
import type { Proxy as MeshProxy } from "../../src/model/proxy.ts";
import type { Resource } from "../../src/model/resource.ts";
import { types } from "../../src/model/types.ts";
import { meshConfigRef } from "../../src/plan/mesh.ts";
import type { Dice } from "./dice.ts";
import {
  envoyFilter,
  keySet,
  requestAuthentication,
  trafficExtension,
  wasmModule,
  wasmPlugin,
} from "./random-extension.ts";
import { gatewayApi } from "./random-gateway.ts";
import { gatewayApiRoutes } from "./random-gateway-api.ts";
import { randomKinds } from "./random-kinds.ts";
import { type Make, names, namespaces, object, outside } from "./random-object.ts";
import { sidecar } from "./random-sidecar.ts";

const versions = ["v1", "v2"];

const hostOf = (dice: Dice) =>
  dice.one([dice.one(names), `${dice.one(names)}.${dice.one(namespaces)}.svc.cluster.local`, dice.one(outside)]);
const destination = (dice: Dice) => ({
  host: hostOf(dice),
  subset: dice.chance(dice.one(versions)),
  port: dice.chance({ number: dice.one([80, 443, 3306, 9000]) }, 4),
});
const weighted = (dice: Dice) =>
  dice.one([
    [{ destination: destination(dice) }],
    [
      { destination: destination(dice), weight: 10 },
      { destination: destination(dice), weight: 90 },
    ],
  ]);
const sourceLabels = (dice: Dice) => dice.chance({ app: dice.one(names) }, 4);
const exportTo = (dice: Dice) => dice.chance(dice.one([["."], ["*"], ["a", "b"], ["."]]), 3);
const gateways = (dice: Dice) =>
  dice.chance(dice.one([["mesh"], ["istio-system/front"], ["mesh", "istio-system/front"], ["front"]]));

const service: Make = (dice, namespace, name) =>
  object(types.Service, namespace, name, {
    ...dice.one([
      { clusterIP: `10.96.${dice.number(2)}.${dice.number(9)}` },
      { clusterIP: "None" },
      { type: "ExternalName", externalName: hostOf(dice) },
    ]),
    selector: dice.chance({ app: dice.one(names) }, 1),
    ports: [
      {
        name: dice.one(["http", "grpc-x", "tcp", "", "https", "mysql"]),
        port: dice.one([80, 443, 3306]),
        targetPort: dice.one([8080, "main", 3306]),
      },
      { name: "second", port: 9000, appProtocol: dice.chance("http"), protocol: dice.one(["TCP", "TCP", "UDP"]) },
    ],
  });

const pod: Make = (dice, namespace, name) =>
  object(
    types.Pod,
    namespace,
    name,
    {
      serviceAccountName: dice.one(names),
      containers: [{ ports: [{ name: "main", containerPort: dice.one([8080, 3306]) }] }],
    },
    {
      labels: {
        app: dice.one(names),
        version: dice.one(versions),
        ...(dice.number(3) > 0 ? { "security.istio.io/tlsMode": "istio" } : {}),
      },
      status: {
        podIP: `10.0.0.${dice.number(9) + 1}`,
        conditions: [{ type: "Ready", status: dice.one(["True", "True", "False"]) }],
      },
    },
  );

const serviceEntry: Make = (dice, namespace, name) =>
  object(types.ServiceEntry, namespace, name, {
    hosts: [hostOf(dice), ...dice.some(outside)].filter((h) => h.includes(".")).concat("always.example.com"),
    addresses: dice.chance(dice.one([["10.97.0.1"], ["10.98.0.0/16"], ["10.98.1.0/16", "10.97.0.2"]])),
    location: dice.one(["MESH_INTERNAL", "MESH_EXTERNAL"]),
    resolution: dice.one(["STATIC", "DNS", "NONE"]),
    exportTo: exportTo(dice),
    ports: [
      {
        number: dice.one([80, 443, 3306]),
        name: "first",
        protocol: dice.one(["HTTP", "TLS", "TCP", "HTTPS", "GRPC", ""]),
      },
      { number: 9000, name: "second", protocol: dice.one(["TCP", "TLS"]) },
    ],
    endpoints: dice.chance([{ address: `10.0.0.${dice.number(9) + 1}`, labels: { version: dice.one(versions) } }]),
  });

const virtualService: Make = (dice, namespace, name) =>
  object(types.VirtualService, namespace, name, {
    hosts: [hostOf(dice), ...dice.some(outside)],
    gateways: gateways(dice),
    exportTo: exportTo(dice),
    http: dice.chance([
      {
        match: [{ uri: { prefix: `/${dice.number(3)}` }, sourceLabels: sourceLabels(dice) }],
        route: weighted(dice),
        mirror: dice.chance(destination(dice), 3),
      },
      { route: weighted(dice), timeout: `${dice.number(9) + 1}s` },
    ]),
    tls: dice.chance(
      [
        {
          match: [
            {
              sniHosts: dice.some([...outside, "x.example.com"]).concat("y.example.com"),
              sourceLabels: sourceLabels(dice),
            },
          ],
          route: weighted(dice),
        },
      ],
      3,
    ),
    tcp: dice.chance(
      [
        {
          match: dice.chance([{ port: dice.one([3306, 9000]), destinationSubnets: dice.chance(["10.97.0.0/16"], 3) }]),
          route: weighted(dice),
        },
      ],
      3,
    ),
  });

const destinationRule: Make = (dice, namespace, name) =>
  object(types.DestinationRule, namespace, name, {
    host: hostOf(dice),
    exportTo: exportTo(dice),
    workloadSelector: dice.chance({ matchLabels: { app: dice.one(names) } }, 5),
    trafficPolicy: dice.chance({
      loadBalancer: dice.chance({ consistentHash: { httpHeaderName: "x-user" } }),
      outlierDetection: dice.chance({ consecutive5xxErrors: 3 }),
      tls: dice.chance(
        dice.one([
          { mode: "DISABLE" },
          { mode: "ISTIO_MUTUAL", sni: "mine.example.com" },
          { mode: "SIMPLE", credentialName: "cred" },
        ]),
        3,
      ),
    }),
    subsets: dice.some(versions).map((v) => ({ name: v, labels: { version: v } })),
  });

const gateway: Make = (dice, namespace, name) =>
  object(types.Gateway, namespace, dice.one([name, "front"]), {
    selector: dice.one([{ istio: "ingressgateway" }, { app: "web" }]),
    servers: [
      {
        port: { number: dice.one([80, 8080]), name: "http", protocol: "HTTP" },
        hosts: dice.one([["*"], ["b/*"], ["api.example.com"], ["./pay.example.com"]]),
        tls: dice.chance({ httpsRedirect: true }, 4),
      },
      {
        port: { number: 443, name: "tls", protocol: dice.one(["HTTPS", "TLS"]) },
        hosts: ["*.example.com"],
        tls: {
          mode: dice.one(["SIMPLE", "MUTUAL", "PASSTHROUGH", "ISTIO_MUTUAL"]),
          credentialName: dice.chance("cred"),
        },
      },
      { port: { number: 9000, name: "tcp", protocol: "TCP" }, hosts: ["*"] },
    ],
  });

const peerAuthentication: Make = (dice, namespace, name) =>
  object(types.PeerAuthentication, namespace, name, {
    selector: dice.chance({ matchLabels: { app: dice.one(names) } }),
    mtls: dice.chance({ mode: dice.one(["STRICT", "PERMISSIVE", "DISABLE", "UNSET"]) }),
    portLevelMtls: dice.chance({ [dice.one(["8080", "3306"])]: { mode: dice.one(["STRICT", "DISABLE"]) } }, 3),
  });

const authorizationPolicy: Make = (dice, namespace, name) =>
  object(types.AuthorizationPolicy, namespace, name, {
    selector: dice.chance({ matchLabels: { app: dice.one(names) } }),
    action: dice.one(["ALLOW", "DENY", undefined]),
    rules: dice.one([
      [],
      [{}],
      [
        {
          from: [{ source: { namespaces: [dice.one(namespaces)], notIpBlocks: dice.chance(["10.0.0.1"]) } }],
          to: dice.chance([{ operation: { methods: ["GET"], ports: ["8080"] } }]),
        },
      ],
    ]),
  });

const secret: Make = (dice, namespace) =>
  object(
    types.Secret,
    namespace,
    "cred",
    {},
    {
      data: {
        data: {
          "tls.crt": btoa(`cert ${dice.number(3)}`),
          "tls.key": btoa("key"),
          ...(dice.number(2) === 0 ? { "ca.crt": btoa("ca") } : {}),
        },
      },
    },
  );

const meshConfig: Make = (dice) =>
  object(meshConfigRef.type, meshConfigRef.namespace, meshConfigRef.name, {
    outboundTrafficPolicy: dice.chance({ mode: dice.one(["REGISTRY_ONLY", "ALLOW_ANY"]) }),
    enableAutoMtls: dice.chance(false, 5),
    defaultHttpRetryPolicy: dice.chance({ attempts: dice.number(4) }),
    defaultServiceExportTo: dice.chance(["."], 8),
    trustDomainAliases: dice.chance(["old.local"], 4),
  });

const common: readonly Make[] = [
  service,
  service,
  pod,
  pod,
  pod,
  serviceEntry,
  virtualService,
  virtualService,
  destinationRule,
  gateway,
  peerAuthentication,
  authorizationPolicy,
  requestAuthentication,
  secret,
  sidecar,
  envoyFilter,
  wasmPlugin,
  trafficExtension,
  wasmModule,
  keySet,
  ...randomKinds.map(({ type, spec }): Make => {
    return (dice, namespace, name) =>
      object(
        type,
        namespace,
        name,
        spec(dice, () => hostOf(dice)),
      );
  }),
  ...gatewayApi,
  ...gatewayApiRoutes,
];

/** An edit: an object is put, changed or taken away. `present` are those that are there. */
export function edit(dice: Dice, present: readonly Resource[]): Change {
  if (present.length > 12 && dice.number(3) === 0) {
    const { type, namespace, name } = dice.one(present);
    return { remove: { type, namespace, name } };
  }
  const make = dice.number(40) === 0 ? meshConfig : dice.one(common);
  return { put: make(dice, dice.one(namespaces), dice.one(names)) };
}

function proxy(
  kind: MeshProxy["kind"],
  namespace: string,
  name: string,
  labels: Record<string, string>,
  ip: string,
): MeshProxy {
  const identity = { trustDomain: "cluster.local", namespace, serviceAccount: name };
  const place = { locality: { region: "r", zone: "z", subzone: "" }, dnsDomain: `${namespace}.svc.cluster.local` };
  const id = `${kind}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`;
  const rest = { serviceAccount: name, workload: name, kubeCluster: "Kubernetes", istioAgent: false, metadata: {} };
  return { id, kind, name, namespace, ips: [ip], labels, identity, ...place, ...rest };
}

/** Sidecars of several namespaces, two of them alike, and two routers. */
export const proxies: readonly MeshProxy[] = [
  proxy("sidecar", "a", "cart", { app: "cart", version: "v1" }, "10.0.0.1"),
  proxy("sidecar", "a", "pay", { app: "pay" }, "10.0.0.2"),
  proxy("sidecar", "a", "pay-2", { app: "pay" }, "10.0.0.3"),
  proxy("sidecar", "b", "db", { app: "db" }, "10.0.0.4"),
  proxy("sidecar", "istio-system", "web", { app: "web" }, "10.0.0.5"),
  proxy("router", "istio-system", "gateway", { istio: "ingressgateway" }, "10.0.0.6"),
  proxy("router", "a", "web", { app: "web", [gatewayNameLabel]: "web" }, "10.0.0.7"),
];
