// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), security.istio.io/v1; do not edit.
/** Peer authentication configuration for workloads. */
export interface PeerAuthenticationSpec {
  /** Mutual TLS settings for workload. */
  readonly mtls?: MutualTLS;
  /** Port specific mutual TLS settings. */
  readonly portLevelMtls?: Readonly<Record<string, MutualTLS>>;
  /** The selector determines the workloads to apply the PeerAuthentication on. */
  readonly selector?: PeerAuthenticationSelector;
}

/** Mutual TLS settings for workload. */
export interface MutualTLS {
  /** Defines the mTLS mode used for peer authentication. */
  readonly mode?: "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";
}

/** The selector determines the workloads to apply the PeerAuthentication on. */
export interface PeerAuthenticationSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}
