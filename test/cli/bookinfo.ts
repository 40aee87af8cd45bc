import type { ProxySummary } from "../../src/api/cli-contract.ts";
import type { ConfigDetail } from "../../src/api/contract/config.ts";
import type { Mesh } from "../../src/api/contract/mesh.ts";
import type { ProxyConfigDump } from "../../src/api/contract/proxy-config.ts";
import type { ProxyState, Workload } from "../../src/api/contract/workloads.ts";

export const mesh: Mesh = {
  name: "bookinfo",
  version: "0.1.0",
  envoyVersion: "1.40.0",
  trustDomain: "cluster.local",
  health: "degraded",
  sentence: "1 of 2 proxies in sync; waiting for reviews-v1-0",
  proxies: { total: 2, synced: 1 },
  diagnostics: { errors: 1, warnings: 0, infos: 0 },
  namespaces: ["default"],
  doors: ["http://localhost:8080"],
  startedAt: 0,
};

export function proxy(id: string, over: Partial<ProxySummary> = {}): ProxySummary {
  const dot = id.lastIndexOf(".");
  const synced = { state: "SYNCED", sent: 3, acked: 3 } as const;
  return {
    id,
    namespace: id.slice(dot + 1),
    pod: id.slice(0, dot),
    workload: id.slice(0, dot).replace(/-\d+$/, ""),
    kind: "sidecar",
    kubeCluster: "Kubernetes",
    address: "10.0.0.7",
    connected: true,
    envoyVersion: "1.40.0",
    types: {
      CDS: synced,
      LDS: synced,
      EDS: synced,
      RDS: synced,
      SRDS: synced,
      SDS: { state: "NOT SENT", sent: 0, acked: 0 },
    },
    ...over,
  };
}

export function workload(name: string, pods: readonly string[]): Workload {
  const proxies = pods.map(
    (pod): ProxyState => ({
      id: `${pod}.default`,
      address: "10.0.0.7",
      sync: "synced",
      types: {},
      restarts: 0,
      application: "running",
    }),
  );
  return {
    id: `workload/default/${name}`,
    namespace: "default",
    name,
    app: name.replace(/-v\d+$/, ""),
    version: "v1",
    kind: "sidecar",
    serviceAccount: name,
    health: "healthy",
    sentence: "all is well",
    replicas: { desired: pods.length, ready: pods.length },
    inbound: { rate: 12.34, errorShare: 0, p95: 8.2 },
    outbound: { rate: 0, errorShare: 0 },
    proxies,
  };
}

export function object(
  apiVersion: string,
  kind: string,
  name: string,
  spec: string,
  over: Partial<ConfigDetail> = {},
): ConfigDetail {
  const slash = apiVersion.indexOf("/");
  return {
    type: slash < 0 ? kind : `${kind}.${apiVersion.slice(0, slash)}`,
    kind,
    apiVersion,
    namespace: "default",
    name,
    at: `${name}.yaml:1:1`,
    diagnostics: [],
    basis: "as seen",
    proxies: { total: 2, acked: 2 },
    yaml: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name} # kept\nspec: ${spec}\n`,
    ...over,
  };
}

export const config: readonly ConfigDetail[] = [
  object("networking.istio.io/v1", "VirtualService", "reviews", "{hosts: [reviews]}"),
  object("networking.istio.io/v1", "VirtualService", "ratings", "{hosts: [ratings]}", {
    diagnostics: [
      {
        code: "IST0101",
        level: "Error",
        origin: "VirtualService default/ratings",
        at: "ratings.yaml:5:9",
        message: "not found",
      },
    ],
  }),
  object("v1", "Service", "reviews", "{selector: {app: reviews}}"),
  object("apps/v1", "Deployment", "reviews-v1", "{template: {metadata: {labels: {app: reviews, version: v1}}}}"),
  object("apps/v1", "Deployment", "ratings-v1", "{template: {metadata: {labels: {app: ratings}}}}"),
];

export const clusters: ProxyConfigDump = {
  proxy: "reviews-v1-0.default",
  type: "cluster",
  source: "sent",
  resources: [
    {
      name: "outbound|9080|v1|ratings.default.svc.cluster.local",
      version: "1",
      origins: ["ratings.yaml:20:1"],
      resource: { name: "outbound|9080|v1|ratings.default.svc.cluster.local", type: "EDS" },
    },
    { name: "BlackHoleCluster", version: "1", origins: [], resource: { name: "BlackHoleCluster" } },
    {
      name: "outbound|80||a.default.svc.cluster.local",
      version: "1",
      origins: ["a.yaml:1:1"],
      error: "no such thing",
      resource: { name: "outbound|80||a.default.svc.cluster.local", type: "EDS" },
    },
  ],
};
