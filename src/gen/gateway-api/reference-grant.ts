// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of ReferenceGrant. */
export interface ReferenceGrantSpec {
  /** From describes the trusted namespaces and kinds that can reference the resources described in "To". Each entry in this list MUST be considered to be an additional place that references can be valid from, or to put this another way, entries MUST be combined using OR. */
  readonly from: readonly ReferenceGrantFrom[];
  /** To describes the resources that may be referenced by the resources described in "From". Each entry in this list MUST be considered to be an additional place that references can be valid to, or to put this another way, entries MUST be combined using OR. */
  readonly to: readonly ReferenceGrantTo[];
}

/** ReferenceGrantFrom describes trusted namespaces and kinds. */
export interface ReferenceGrantFrom {
  /** Group is the group of the referent. When empty, the Kubernetes core API group is inferred. */
  readonly group: string;
  /** Kind is the kind of the referent. Although implementations may support additional resources, the following types are part of the "Core" support level for this field. */
  readonly kind: string;
  /** Namespace is the namespace of the referent. */
  readonly namespace: string;
}

/** ReferenceGrantTo describes what Kinds are allowed as targets of the references. */
export interface ReferenceGrantTo {
  /** Group is the group of the referent. When empty, the Kubernetes core API group is inferred. */
  readonly group: string;
  /** Kind is the kind of the referent. Although implementations may support additional resources, the following types are part of the "Core" support level for this field: */
  readonly kind: string;
  /** Name is the name of the referent. When unspecified, this policy refers to all resources of the specified Group and Kind in the local namespace. */
  readonly name?: string;
}
