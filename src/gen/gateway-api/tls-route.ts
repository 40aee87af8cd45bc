// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of TLSRoute. */
export interface TLSRouteSpec {
  /** Hostnames defines a set of SNI hostnames that should match against the SNI attribute of TLS ClientHello message in TLS handshake. This matches the RFC 1123 definition of a hostname with 2 notable exceptions: */
  readonly hostnames: readonly string[];
  /** ParentRefs references the resources (usually Gateways) that a Route wants to be attached to. Note that the referenced parent resource needs to allow this for the attachment to be complete. For Gateways, that means the Gateway needs to allow attachment from Routes of this kind and namespace. For Services, that means the Service must either be in the same namespace for a "producer" route, or the mesh implementation must support and allow "consumer" routes for the referenced Service. ReferenceGrant is not applicable for governing ParentRefs to Services - it is not possible to create a "producer" route for a Service in a different namespace from the Route. */
  readonly parentRefs?: readonly ParentReference[];
  /** Rules are a list of actions. */
  readonly rules: readonly TLSRouteRule[];
}

/** ParentReference identifies an API object (usually a Gateway) that can be considered a parent of this resource (usually a route). There are two kinds of parent resources with "Core" support: */
export interface ParentReference {
  /** Group is the group of the referent. When unspecified, "gateway.networking.k8s.io" is inferred. To set the core API group (such as for a "Service" kind referent), Group must be explicitly set to "" (empty string). */
  readonly group?: string;
  /** Kind is kind of the referent. */
  readonly kind?: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the referent. When unspecified, this refers to the local namespace of the Route. */
  readonly namespace?: string;
  /** Port is the network port this Route targets. It can be interpreted differently based on the type of parent resource. */
  readonly port?: number;
  /** SectionName is the name of a section within the target resource. In the following resources, SectionName is interpreted as the following: */
  readonly sectionName?: string;
}

/** TLSRouteRule is the configuration for a given rule. */
export interface TLSRouteRule {
  /** BackendRefs defines the backend(s) where matching requests should be sent. If unspecified or invalid (refers to a nonexistent resource or a Service with no endpoints), the rule performs no forwarding; if no filters are specified that would result in a response being sent, the underlying implementation must actively reject request attempts to this backend, by rejecting the connection. Request rejections must respect weight; if an invalid backend is requested to have 80% of requests, then 80% of requests must be rejected instead. */
  readonly backendRefs: readonly BackendRef[];
  /** Name is the name of the route rule. This name MUST be unique within a Route if it is set. */
  readonly name?: string;
}

/** BackendRef defines how a Route should forward a request to a Kubernetes resource. */
export interface BackendRef {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When unspecified or empty string, core API group is inferred. */
  readonly group?: string;
  /** Kind is the Kubernetes resource kind of the referent. For example "Service". */
  readonly kind?: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the backend. When unspecified, the local namespace is inferred. */
  readonly namespace?: string;
  /** Port specifies the destination port number to use for this resource. Port is required when the referent is a Kubernetes Service. In this case, the port number is the service port number, not the target port. For other resources, destination port might be derived from the referent resource or this field. */
  readonly port?: number;
  /** Weight specifies the proportion of requests forwarded to the referenced backend. This is computed as weight/(sum of all weights in this BackendRefs list). For non-zero values, there may be some epsilon from the exact proportion defined here depending on the precision an implementation supports. Weight is not a percentage and the sum of weights does not need to equal 100. */
  readonly weight?: number;
}
