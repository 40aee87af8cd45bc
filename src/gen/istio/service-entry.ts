// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting service registry. */
export interface ServiceEntrySpec {
  /** The virtual IP addresses associated with the service. */
  readonly addresses?: readonly string[];
  /** One or more endpoints associated with the service. */
  readonly endpoints?: readonly WorkloadEntrySpec[];
  /** A list of namespaces to which this service is exported. */
  readonly exportTo?: readonly string[];
  /** The hosts associated with the ServiceEntry. */
  readonly hosts: readonly string[];
  /** Specify whether the service should be considered external to the mesh or part of the mesh. */
  readonly location?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  /** The ports associated with the external service. */
  readonly ports?: readonly ServicePort[];
  /** Service resolution mode for the hosts. */
  readonly resolution?: "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS";
  /** If specified, the proxy will verify that the server certificate's subject alternate name matches one of the specified values. */
  readonly subjectAltNames?: readonly string[];
  /** Applicable only for MESH_INTERNAL services. */
  readonly workloadSelector?: WorkloadSelector;
}

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

export interface ServicePort {
  /** Label assigned to the port. */
  readonly name: string;
  /** A valid non-negative integer port number. */
  readonly number: number;
  /** The protocol exposed on the port. */
  readonly protocol?: string;
  /** The port number on the endpoint where the traffic will be received. */
  readonly targetPort?: number;
}

/** Applicable only for MESH_INTERNAL services. */
export interface WorkloadSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which the configuration should be applied. */
  readonly labels?: Readonly<Record<string, string>>;
}
