// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of ListenerSet. */
export interface ListenerSetSpec {
  /** Listeners associated with this ListenerSet. Listeners define logical endpoints that are bound on this referenced parent Gateway's addresses. */
  readonly listeners: readonly ListenerEntry[];
  /** ParentRef references the Gateway that the listeners are attached to. */
  readonly parentRef: ParentGatewayReference;
}

export interface ListenerEntry {
  /** AllowedRoutes defines the types of routes that MAY be attached to a Listener and the trusted namespaces where those Route resources MAY be present. */
  readonly allowedRoutes?: AllowedRoutes;
  /** Hostname specifies the virtual hostname to match for protocol types that define this concept. When unspecified, all hostnames are matched. This field is ignored for protocols that don't require hostname based matching. */
  readonly hostname?: string;
  /** Name is the name of the Listener. This name MUST be unique within a ListenerSet. */
  readonly name: string;
  /** Port is the network port. Multiple listeners may use the same port, subject to the Listener compatibility rules. */
  readonly port: number;
  /** Protocol specifies the network protocol this listener expects to receive. */
  readonly protocol: string;
  /** TLS is the TLS configuration for the Listener. This field is required if the Protocol field is "HTTPS" or "TLS". It is invalid to set this field if the Protocol field is "HTTP", "TCP", or "UDP". */
  readonly tls?: ListenerTLSConfig;
}

/** AllowedRoutes defines the types of routes that MAY be attached to a Listener and the trusted namespaces where those Route resources MAY be present. */
export interface AllowedRoutes {
  /** Kinds specifies the groups and kinds of Routes that are allowed to bind to this Gateway Listener. When unspecified or empty, the kinds of Routes selected are determined using the Listener protocol. */
  readonly kinds?: readonly RouteGroupKind[];
  /** Namespaces indicates namespaces from which Routes may be attached to this Listener. This is restricted to the namespace of this Gateway by default. */
  readonly namespaces?: RouteNamespaces;
}

/** RouteGroupKind indicates the group and kind of a Route resource. */
export interface RouteGroupKind {
  /** Group is the group of the Route. */
  readonly group?: string;
  /** Kind is the kind of the Route. */
  readonly kind: string;
}

/** Namespaces indicates namespaces from which Routes may be attached to this Listener. This is restricted to the namespace of this Gateway by default. */
export interface RouteNamespaces {
  /** From indicates where Routes will be selected for this Gateway. Possible values are: */
  readonly from?: "All" | "Selector" | "Same";
  /** Selector must be specified when From is set to "Selector". In that case, only Routes in Namespaces matching this Selector will be selected by this Gateway. This field is ignored for other values of "From". */
  readonly selector?: LabelSelector;
}

/** Selector must be specified when From is set to "Selector". In that case, only Routes in Namespaces matching this Selector will be selected by this Gateway. This field is ignored for other values of "From". */
export interface LabelSelector {
  /** matchExpressions is a list of label selector requirements. The requirements are ANDed. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
  /** matchLabels is a map of {key,value} pairs. A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose key field is "key", the operator is "In", and the values array contains only "value". The requirements are ANDed. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** A label selector requirement is a selector that contains values, a key, and an operator that relates the key and values. */
export interface LabelSelectorRequirement {
  /** key is the label key that the selector applies to. */
  readonly key: string;
  /** operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists and DoesNotExist. */
  readonly operator: string;
  /** values is an array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. This array is replaced during a strategic merge patch. */
  readonly values?: readonly string[];
}

/** TLS is the TLS configuration for the Listener. This field is required if the Protocol field is "HTTPS" or "TLS". It is invalid to set this field if the Protocol field is "HTTP", "TCP", or "UDP". */
export interface ListenerTLSConfig {
  /** CertificateRefs contains a series of references to Kubernetes objects that contains TLS certificates and private keys. These certificates are used to establish a TLS handshake for requests that match the hostname of the associated listener. */
  readonly certificateRefs?: readonly ParentGatewayReference[];
  /** Mode defines the TLS behavior for the TLS session initiated by the client. There are two possible modes: */
  readonly mode?: "Terminate" | "Passthrough";
  /** Options are a list of key/value pairs to enable extended TLS configuration for each implementation. For example, configuring the minimum TLS version or supported cipher suites. */
  readonly options?: Readonly<Record<string, string>>;
}

/** SecretObjectReference identifies an API object including its namespace, defaulting to Secret. */
export interface ParentGatewayReference {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When unspecified or empty string, core API group is inferred. */
  readonly group?: string;
  /** Kind is kind of the referent. For example "Secret". */
  readonly kind?: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the referenced object. When unspecified, the local namespace is inferred. */
  readonly namespace?: string;
}
