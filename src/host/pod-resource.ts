import type { Resource } from "../model/resource.ts";
import { types } from "../model/types.ts";
import type { Workload } from "./workload.ts";

/** Annotation of a Pod: the Deployment that it belongs to. */
const workloadAnnotation = "weft.dev/workload";

/** What is true of a running Pod now. */
export interface PodStatus {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  readonly nodeName: string;
  readonly createdAt: number;
  readonly phase: "Pending" | "Running";
  readonly ready: boolean;
  /** When it was told to stop. */
  readonly terminatingAt?: number;
  readonly proxy: ContainerState;
  readonly application: ContainerState;
}

interface ContainerState {
  readonly running: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  /** Why it waits: `CrashLoopBackOff`. */
  readonly reason?: string;
  readonly message?: string;
}

/** How a container is; `why` it is not as it should be. */
export function containerState(running: boolean, ready: boolean, restarts = 0, why?: string): ContainerState {
  const reason = why === undefined ? {} : { reason: running ? "NotReady" : "CrashLoopBackOff", message: why };
  return { running, ready, restarts, ...reason };
}

/** The Pod as a Kubernetes API server would show it, with the injected proxy among its containers. */
export function podResource(workload: Workload, status: PodStatus, generation: number): Resource {
  const proxied = workload.proxy !== "plain";
  const own = workload.proxy === "router" ? [] : workload.containers;
  const proxy = { name: "istio-proxy", ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }] };
  const containers =
    workload.proxy === "router"
      ? [{ ...workload.containers[0], name: "istio-proxy" }]
      : proxied
        ? [...own, proxy]
        : own;
  const states = [
    ...own.map((c) => [c.name, status.application] as const),
    ...(proxied ? [["istio-proxy", status.proxy] as const] : []),
  ];
  return Object.freeze({
    type: types.Pod,
    apiVersion: "v1",
    namespace: workload.namespace,
    name: status.name,
    labels: {
      ...workload.labels,
      "pod-template-hash": workload.hash,
      // As Istio's injection has it: callers know by it that mTLS is understood here.
      ...(workload.proxy === "sidecar" ? { "security.istio.io/tlsMode": "istio" } : {}),
    },
    annotations: {
      ...workload.annotations,
      [workloadAnnotation]: workload.name,
      ...(workload.proxy === "sidecar"
        ? { "sidecar.istio.io/status": JSON.stringify({ containers: ["istio-proxy"], revision: "default" }) }
        : {}),
    },
    createdAt: status.createdAt,
    generation,
    spec: { nodeName: status.nodeName, serviceAccountName: workload.serviceAccount, containers },
    status: {
      phase: status.phase,
      podIP: status.ip,
      podIPs: [{ ip: status.ip }],
      startTime: new Date(status.createdAt).toISOString(),
      conditions: [
        { type: "Initialized", status: "True" },
        { type: "ContainersReady", status: status.ready ? "True" : "False" },
        { type: "Ready", status: status.ready && status.terminatingAt === undefined ? "True" : "False" },
      ],
      containerStatuses: states.map(([name, state]) => containerStatus(name, state)),
    },
    data: {
      metadata: {
        uid: status.uid,
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: workload.name, controller: true }],
        ...(status.terminatingAt === undefined
          ? {}
          : { deletionTimestamp: new Date(status.terminatingAt).toISOString() }),
      },
    },
    origin: workload.origin,
  });
}

function containerStatus(name: string, state: ContainerState): unknown {
  const waiting = { reason: state.reason ?? "ContainerCreating", ...(state.message ? { message: state.message } : {}) };
  return {
    name,
    ready: state.ready,
    started: state.running,
    restartCount: state.restarts,
    state: state.running ? { running: {} } : { waiting },
  };
}
