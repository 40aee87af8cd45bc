// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting VMs onboarded into the mesh. */
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
