// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), security.istio.io/v1; do not edit.
/** Configuration for access control on workloads. */
export interface AuthorizationPolicySpec {
  /** Optional. */
  readonly action?: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  /** Specifies detailed configuration of the CUSTOM action. */
  readonly provider?: AuthorizationPolicyProvider;
  /** Optional. */
  readonly rules?: readonly AuthorizationRule[];
  /** Optional. */
  readonly selector?: AuthorizationPolicySelector;
  readonly targetRef?: PolicyTargetReference;
  /** Optional. */
  readonly targetRefs?: readonly PolicyTargetReference[];
}

/** Specifies detailed configuration of the CUSTOM action. */
export interface AuthorizationPolicyProvider {
  /** Specifies the name of the extension provider. */
  readonly name?: string;
}

export interface AuthorizationRule {
  /** Optional. */
  readonly from?: readonly AuthorizationFrom[];
  /** Optional. */
  readonly to?: readonly AuthorizationTo[];
  /** Optional. */
  readonly when?: readonly AuthorizationCondition[];
}

export interface AuthorizationFrom {
  /** Source specifies the source of a request. */
  readonly source?: AuthorizationSource;
}

/** Source specifies the source of a request. */
export interface AuthorizationSource {
  /** Optional. */
  readonly ipBlocks?: readonly string[];
  /** Optional. */
  readonly namespaces?: readonly string[];
  /** Optional. */
  readonly notIpBlocks?: readonly string[];
  /** Optional. */
  readonly notNamespaces?: readonly string[];
  /** Optional. */
  readonly notPrincipals?: readonly string[];
  /** Optional. */
  readonly notRemoteIpBlocks?: readonly string[];
  /** Optional. */
  readonly notRequestPrincipals?: readonly string[];
  /** Optional. */
  readonly notServiceAccounts?: readonly string[];
  /** Optional. */
  readonly notTrustDomains?: readonly string[];
  /** Optional. */
  readonly principals?: readonly string[];
  /** Optional. */
  readonly remoteIpBlocks?: readonly string[];
  /** Optional. */
  readonly requestPrincipals?: readonly string[];
  /** Optional. */
  readonly serviceAccounts?: readonly string[];
  /** Optional. */
  readonly trustDomains?: readonly string[];
}

export interface AuthorizationTo {
  /** Operation specifies the operation of a request. */
  readonly operation?: AuthorizationOperation;
}

/** Operation specifies the operation of a request. */
export interface AuthorizationOperation {
  /** Optional. */
  readonly hosts?: readonly string[];
  /** Optional. */
  readonly methods?: readonly string[];
  /** Optional. */
  readonly notHosts?: readonly string[];
  /** Optional. */
  readonly notMethods?: readonly string[];
  /** Optional. */
  readonly notPaths?: readonly string[];
  /** Optional. */
  readonly notPorts?: readonly string[];
  /** Optional. */
  readonly paths?: readonly string[];
  /** Optional. */
  readonly ports?: readonly string[];
}

export interface AuthorizationCondition {
  /** The name of an Istio attribute. */
  readonly key: string;
  /** Optional. */
  readonly notValues?: readonly string[];
  /** Optional. */
  readonly values?: readonly string[];
}

/** Optional. */
export interface AuthorizationPolicySelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface PolicyTargetReference {
  /** group is the group of the target resource. */
  readonly group?: string;
  /** kind is kind of the target resource. */
  readonly kind: string;
  /** name is the name of the target resource. */
  readonly name: string;
  /** namespace is the namespace of the referent. */
  readonly namespace?: string;
}
