// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Describes a collection of workload instances. */
export interface WorkloadGroupSpec {
  /** Metadata that will be used for all corresponding `WorkloadEntries`. */
  readonly metadata?: WorkloadGroupMetadata;
  /** `ReadinessProbe` describes the configuration the user must provide for healthchecking on their workload. */
  readonly probe?: ReadinessProbe;
  /** Template to be used for the generation of `WorkloadEntry` resources that belong to this `WorkloadGroup`. */
  readonly template: WorkloadEntrySpec;
}

/** Metadata that will be used for all corresponding `WorkloadEntries`. */
export interface WorkloadGroupMetadata {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** `ReadinessProbe` describes the configuration the user must provide for healthchecking on their workload. */
export interface ReadinessProbe {
  /** Health is determined by how the command that is executed exited. */
  readonly exec?: ReadinessProbeExec;
  /** Minimum consecutive failures for the probe to be considered failed after having succeeded. */
  readonly failureThreshold?: number;
  /** GRPC call is made and response/error is used to determine health. */
  readonly grpc?: ReadinessProbeGrpc;
  /** `httpGet` is performed to a given endpoint and the status/able to connect determines health. */
  readonly httpGet?: ReadinessProbeHttpGet;
  /** Number of seconds after the container has started before readiness probes are initiated. */
  readonly initialDelaySeconds?: number;
  /** How often (in seconds) to perform the probe. */
  readonly periodSeconds?: number;
  /** Minimum consecutive successes for the probe to be considered successful after having failed. */
  readonly successThreshold?: number;
  /** Health is determined by if the proxy is able to connect. */
  readonly tcpSocket?: ReadinessProbeTcpSocket;
  /** Number of seconds after which the probe times out. */
  readonly timeoutSeconds?: number;
}

/** Health is determined by how the command that is executed exited. */
export interface ReadinessProbeExec {
  /** Command to run. */
  readonly command: readonly string[];
}

/** GRPC call is made and response/error is used to determine health. */
export interface ReadinessProbeGrpc {
  /** Port on which the endpoint lives. */
  readonly port?: number;
  readonly service?: string;
}

/** `httpGet` is performed to a given endpoint and the status/able to connect determines health. */
export interface ReadinessProbeHttpGet {
  /** Host name to connect to, defaults to the pod IP. */
  readonly host?: string;
  /** Headers the proxy will pass on to make the request. */
  readonly httpHeaders?: readonly ReadinessProbeHttpGetHttpHeaders[];
  /** Path to access on the HTTP server. */
  readonly path?: string;
  /** Port on which the endpoint lives. */
  readonly port: number;
  readonly scheme?: string;
}

export interface ReadinessProbeHttpGetHttpHeaders {
  readonly name?: string;
  readonly value?: string;
}

/** Health is determined by if the proxy is able to connect. */
export interface ReadinessProbeTcpSocket {
  readonly host?: string;
  readonly port: number;
}

/** Template to be used for the generation of `WorkloadEntry` resources that belong to this `WorkloadGroup`. */
export interface WorkloadEntrySpec {
  /** Address associated with the network endpoint without the port. */
  readonly address?: string;
  /** One or more labels associated with the endpoint. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The locality associated with the endpoint. */
  readonly locality?: string;
  /** Network enables Istio to group endpoints resident in the same L3 domain/network. */
  readonly network?: string;
  /** Set of ports associated with the endpoint. */
  readonly ports?: Readonly<Record<string, number>>;
  /** The service account associated with the workload if a sidecar is present in the workload. */
  readonly serviceAccount?: string;
  /** The load balancing weight associated with the endpoint. */
  readonly weight?: number;
}
