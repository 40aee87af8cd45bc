import type { Identity } from "./identity.ts";

/** An Envoy that asks for configuration, as a value. Made of its node (id and metadata, Istio's words) once its identity was verified. */
export interface Proxy {
  /** Istio's node id: `sidecar~10.0.0.7~reviews-v1-0.default~default.svc.cluster.local`. */
  readonly id: string;
  readonly kind: "sidecar" | "router";
  /** Pod name. */
  readonly name: string;
  readonly namespace: string;
  readonly ips: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What was verified; absent on a plaintext port, where no secret is served. */
  readonly identity?: Identity;
  readonly serviceAccount: string;
  /** Deployment or the like that it belongs to; `reviews-v1`. */
  readonly workload: string;
  readonly kubeCluster: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subzone: string };
  readonly dnsDomain: string;
  /** Istio's own agent runs this Envoy: its secrets come from the static cluster `sds-grpc`. */
  readonly istioAgent: boolean;
  /** Node metadata as sent. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
