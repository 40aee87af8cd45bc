// A small mesh with fixed numbers, for the tests of this room.
import { empty, apply, type Snapshot } from "../../model/snapshot.ts";
import type { Increment, Labels } from "../../model/sample.ts";
import type { Resource } from "../../model/resource.ts";
import { typeOf } from "../../model/resource.ts";
import type { MeshState, PodStatus, ProxyStatus, TypeStatus } from "../state.ts";

const host = (service: string) => `${service}.default.svc.cluster.local`;
const bounds = [1, 5, 10, 25, 50, 100, 250];

/** Both reporters' labels of one edge. */
export function labels(reporter: "source" | "destination", source: string, target: string, more: Record<string, string> = {}): Labels {
  const service = (target.split("-")[0] ?? target) as string;
  return {
    reporter,
    source_workload: source,
    source_workload_namespace: "default",
    source_principal: `spiffe://cluster.local/ns/default/sa/${source}`,
    destination_workload: target,
    destination_workload_namespace: "default",
    destination_principal: `spiffe://cluster.local/ns/default/sa/${target}`,
    destination_service: host(service),
    destination_service_name: service,
    destination_service_namespace: "default",
    request_protocol: "http",
    response_code: "200",
    grpc_response_status: "unknown",
    response_flags: "-",
    connection_security_policy: reporter === "destination" ? "mutual_tls" : "unknown",
    ...more,
  };
}

export const requests = (value: number, l: Labels): Increment => ({ name: "istio_requests_total", labels: l, value });

export function latency(l: Labels, counts: readonly number[]): Increment {
  const { response_code: _code, response_flags: _flags, grpc_response_status: _grpc, ...few } = l;
  const value = counts.reduce((a, b) => a + b, 0);
  return { name: "istio_request_duration_milliseconds", labels: few, value, buckets: { bounds, counts, sum: value * 7 } };
}

export function object(kind: string, name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const apiVersion = more.apiVersion ?? "networking.istio.io/v1";
  const file = `${name}.yaml`;
  const start = { file, line: 3, column: 1 };
  return {
    type: typeOf(apiVersion, kind),
    apiVersion,
    namespace: "default",
    name,
    labels: {},
    annotations: {},
    createdAt: 0,
    generation: 1,
    spec,
    origin: { ...start, at: `${file}:3:1`, locate: () => ({ file, line: 7, column: 9 }) },
    ...more,
  };
}

export function deployment(name: string, replicas = 1): Resource {
  const [app = name, version = ""] = name.split("-");
  return object(
    "Deployment",
    name,
    {
      replicas,
      selector: { matchLabels: { app, version } },
      template: { metadata: { labels: { app, version } }, spec: { serviceAccountName: app } },
    },
    { apiVersion: "apps/v1" },
  );
}

export function snapshotOf(...objects: Resource[]): Snapshot {
  return apply(empty, objects.map((put) => ({ put })));
}

export function pod(workload: string, n = 0, more: Partial<PodStatus> = {}): PodStatus {
  const [app = workload, version = ""] = workload.split("-");
  return {
    namespace: "default",
    name: `${workload}-${n}`,
    workload,
    labels: { app, version },
    serviceAccount: app,
    ready: true,
    application: "running",
    restarts: 0,
    ...more,
  };
}

const inSync: Record<string, TypeStatus> = { CDS: { sent: 9, acked: 9 }, LDS: { sent: 4, acked: 4 } };

export function proxy(workload: string, types: Record<string, TypeStatus> = inSync, more: Partial<ProxyStatus> = {}): ProxyStatus {
  const [app = workload, version = ""] = workload.split("-");
  return {
    proxy: {
      id: `sidecar~10.0.0.7~${workload}-0.default~default.svc.cluster.local`,
      kind: workload.includes("gateway") ? "router" : "sidecar",
      name: `${workload}-0`,
      namespace: "default",
      ips: ["10.0.0.7"],
      labels: { app, version },
      serviceAccount: app,
      workload,
      kubeCluster: "Kubernetes",
      locality: { region: "", zone: "", subzone: "" },
      dnsDomain: "default.svc.cluster.local",
      istioAgent: false,
      metadata: {},
    },
    connected: true,
    types: new Map(Object.entries(types)),
    restarts: 0,
    envoyVersion: "1.40.0",
    ...more,
  };
}

/** productpage calls reviews v1 and v2; all well. */
export function calmMesh(over: Partial<MeshState> = {}): MeshState {
  const names = ["productpage-v1", "reviews-v1", "reviews-v2"];
  return {
    about: () => ({
      name: "bookinfo",
      version: "0.1.0",
      envoyVersion: "1.40.0",
      trustDomain: "cluster.local",
      doors: ["http://localhost:8080"],
      startedAt: 1_699_999_000_000,
    }),
    snapshot: () => snapshotOf(...names.map((n) => deployment(n))),
    diagnostics: () => [],
    access: () => ({ since: 0, entries: [], dropped: { records: 0, messages: 0 } }),
    proxies: () => names.map((n) => proxy(n)),
    pods: () => names.map((n) => pod(n)),
    holders: () => new Map(),
    onChange: () => () => {},
    ...over,
  };
}

const from = "productpage-v1";

/** One window in which all is well. */
export const calm = {
  covered: 10_000,
  totals: [
    requests(100, labels("destination", from, "reviews-v1")),
    latency(labels("destination", from, "reviews-v1"), [0, 100, 0, 0, 0, 0, 0, 0]),
  ],
};

/** The same, with reviews-v2 answering every second request with 503. */
export const burning = {
  covered: 10_000,
  totals: [
    ...calm.totals,
    requests(50, labels("destination", from, "reviews-v2")),
    requests(50, labels("destination", from, "reviews-v2", { response_code: "503" })),
  ],
};
