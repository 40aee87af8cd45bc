/** One place where a service's port is served. */
export interface Endpoint {
  /** IP address, DNS name (for `dns` resolution) or `unix:///path`. */
  readonly address: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: string;
  readonly network: string;
  readonly weight: number;
  readonly healthy: boolean;
  /** Not healthy only because its node is silent. */
  readonly unheard?: true;
  /** Whether a proxy in front of it takes the mesh's mTLS. */
  readonly mtls: boolean;
  readonly workload: WorkloadName;
}

/** With their health judged: where none is healthy those are whose node is silent, since all that is known of them is that they were well. */
export function judged(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.some((e) => e.healthy)) return endpoints;
  return endpoints.map((e) => (e.unheard ? { ...e, healthy: true } : e));
}

/** Those to be called. */
export function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return judged(endpoints).filter((e) => e.healthy);
}

/** What telemetry and policies call a workload. */
export interface WorkloadName {
  /** Deployment or the like: `reviews-v1`. */
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Label `app` or its canonical twin. */
  readonly app: string;
  readonly version: string;
  readonly kubeCluster: string;
  /** Pod or WorkloadEntry. */
  readonly instance: string;
}
