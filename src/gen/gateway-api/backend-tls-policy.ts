// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of BackendTLSPolicy. */
export interface BackendTLSPolicySpec {
  /** Options are a list of key/value pairs to enable extended TLS configuration for each implementation. For example, configuring the minimum TLS version or supported cipher suites. */
  readonly options?: Readonly<Record<string, string>>;
  /** TargetRefs identifies an API object to apply the policy to. Note that this config applies to the entire referenced resource by default, but this default may change in the future to provide a more granular application of the policy. */
  readonly targetRefs: readonly LocalPolicyTargetReferenceWithSectionName[];
  /** Validation contains backend TLS validation configuration. */
  readonly validation: BackendTLSPolicyValidation;
}

/** LocalPolicyTargetReferenceWithSectionName identifies an API object to apply a direct policy to. This should be used as part of Policy resources that can target single resources. For more information on how this policy attachment mode works, and a sample Policy resource, refer to the policy attachment documentation for Gateway API. */
export interface LocalPolicyTargetReferenceWithSectionName {
  /** Group is the group of the target resource. */
  readonly group: string;
  /** Kind is kind of the target resource. */
  readonly kind: string;
  /** Name is the name of the target resource. */
  readonly name: string;
  /** SectionName is the name of a section within the target resource. When unspecified, this targetRef targets the entire resource. In the following resources, SectionName is interpreted as the following: */
  readonly sectionName?: string;
}

/** Validation contains backend TLS validation configuration. */
export interface BackendTLSPolicyValidation {
  /** CACertificateRefs contains one or more references to Kubernetes objects that contain a PEM-encoded TLS CA certificate bundle, which is used to validate a TLS handshake between the Gateway and backend Pod. */
  readonly caCertificateRefs?: readonly LocalObjectReference[];
  /** Hostname is used for two purposes in the connection between Gateways and backends: */
  readonly hostname: string;
  /** SubjectAltNames contains one or more Subject Alternative Names. When specified the certificate served from the backend MUST have at least one Subject Alternate Name matching one of the specified SubjectAltNames. */
  readonly subjectAltNames?: readonly SubjectAltName[];
  /** WellKnownCACertificates specifies whether a well-known set of CA certificates may be used in the TLS handshake between the gateway and backend pod. */
  readonly wellKnownCACertificates?: string;
}

/** LocalObjectReference identifies an API object within the namespace of the referrer. The API object must be valid in the cluster; the Group and Kind must be registered in the cluster for this reference to be valid. */
export interface LocalObjectReference {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When unspecified or empty string, core API group is inferred. */
  readonly group: string;
  /** Kind is kind of the referent. For example "HTTPRoute" or "Service". */
  readonly kind: string;
  /** Name is the name of the referent. */
  readonly name: string;
}

/** SubjectAltName represents Subject Alternative Name. */
export interface SubjectAltName {
  /** Hostname contains Subject Alternative Name specified in DNS name format. Required when Type is set to Hostname, ignored otherwise. */
  readonly hostname?: string;
  /** Type determines the format of the Subject Alternative Name. Always required. */
  readonly type: "Hostname" | "URI";
  /** URI contains Subject Alternative Name specified in a full URI format. It MUST include both a scheme (e.g., "http" or "ftp") and a scheme-specific-part. Common values include SPIFFE IDs like "spiffe://mycluster.example.com/ns/myns/sa/svc1sa". Required when Type is set to URI, ignored otherwise. */
  readonly uri?: string;
}
