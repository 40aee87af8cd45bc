// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of Gateway. */
export interface GatewaySpec {
  /** Addresses requested for this Gateway. This is optional and behavior can depend on the implementation. If a value is set in the spec and the requested address is invalid or unavailable, the implementation MUST indicate this in an associated entry in GatewayStatus.Conditions. */
  readonly addresses?: readonly GatewayAddresses[];
  /** AllowedListeners defines which ListenerSets can be attached to this Gateway. The default value is to allow no ListenerSets. */
  readonly allowedListeners?: AllowedListeners;
  /** GatewayClassName used for this Gateway. This is the name of a GatewayClass resource. */
  readonly gatewayClassName: string;
  /** Infrastructure defines infrastructure level attributes about this Gateway instance. */
  readonly infrastructure?: GatewayInfrastructure;
  /** Listeners associated with this Gateway. Listeners define logical endpoints that are bound on this Gateway's addresses. At least one Listener MUST be specified. */
  readonly listeners: readonly Listener[];
  /** TLS specifies frontend and backend tls configuration for entire gateway. */
  readonly tls?: GatewayTLSConfig;
}

/** GatewaySpecAddress describes an address that can be bound to a Gateway. */
export interface GatewayAddresses {
  /** Type of the address. */
  readonly type?: string;
  /** When a value is unspecified, an implementation SHOULD automatically assign an address matching the requested type if possible. */
  readonly value?: string;
}

/** AllowedListeners defines which ListenerSets can be attached to this Gateway. The default value is to allow no ListenerSets. */
export interface AllowedListeners {
  /** Namespaces defines which namespaces ListenerSets can be attached to this Gateway. The default value is to allow no ListenerSets. */
  readonly namespaces?: ListenerNamespaces;
}

/** Namespaces defines which namespaces ListenerSets can be attached to this Gateway. The default value is to allow no ListenerSets. */
export interface ListenerNamespaces {
  /** From indicates where ListenerSets can attach to this Gateway. Possible values are: */
  readonly from?: "All" | "Selector" | "Same" | "None";
  /** Selector must be specified when From is set to "Selector". In that case, only ListenerSets in Namespaces matching this Selector will be selected by this Gateway. This field is ignored for other values of "From". */
  readonly selector?: LabelSelector;
}

/** Selector must be specified when From is set to "Selector". In that case, only ListenerSets in Namespaces matching this Selector will be selected by this Gateway. This field is ignored for other values of "From". */
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

/** Infrastructure defines infrastructure level attributes about this Gateway instance. */
export interface GatewayInfrastructure {
  /** Annotations that SHOULD be applied to any resources created in response to this Gateway. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Labels that SHOULD be applied to any resources created in response to this Gateway. */
  readonly labels?: Readonly<Record<string, string>>;
  /** ParametersRef is a reference to a resource that contains the configuration parameters corresponding to the Gateway. This is optional if the controller does not require any additional configuration. */
  readonly parametersRef?: GatewayInfrastructureParametersRef;
}

/** ParametersRef is a reference to a resource that contains the configuration parameters corresponding to the Gateway. This is optional if the controller does not require any additional configuration. */
export interface GatewayInfrastructureParametersRef {
  /** Group is the group of the referent. */
  readonly group: string;
  /** Kind is kind of the referent. */
  readonly kind: string;
  /** Name is the name of the referent. */
  readonly name: string;
}

/** Listener embodies the concept of a logical endpoint where a Gateway accepts network connections. */
export interface Listener {
  /** AllowedRoutes defines the types of routes that MAY be attached to a Listener and the trusted namespaces where those Route resources MAY be present. */
  readonly allowedRoutes?: AllowedRoutes;
  /** Hostname specifies the virtual hostname to match for protocol types that define this concept. When unspecified, all hostnames are matched. This field is ignored for protocols that don't require hostname based matching. */
  readonly hostname?: string;
  /** Name is the name of the Listener. This name MUST be unique within a Gateway. */
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

/** TLS is the TLS configuration for the Listener. This field is required if the Protocol field is "HTTPS" or "TLS". It is invalid to set this field if the Protocol field is "HTTP", "TCP", or "UDP". */
export interface ListenerTLSConfig {
  /** CertificateRefs contains a series of references to Kubernetes objects that contains TLS certificates and private keys. These certificates are used to establish a TLS handshake for requests that match the hostname of the associated listener. */
  readonly certificateRefs?: readonly SecretObjectReference[];
  /** Mode defines the TLS behavior for the TLS session initiated by the client. There are two possible modes: */
  readonly mode?: "Terminate" | "Passthrough";
  /** Options are a list of key/value pairs to enable extended TLS configuration for each implementation. For example, configuring the minimum TLS version or supported cipher suites. */
  readonly options?: Readonly<Record<string, string>>;
}

/** SecretObjectReference identifies an API object including its namespace, defaulting to Secret. */
export interface SecretObjectReference {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When unspecified or empty string, core API group is inferred. */
  readonly group?: string;
  /** Kind is kind of the referent. For example "Secret". */
  readonly kind?: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the referenced object. When unspecified, the local namespace is inferred. */
  readonly namespace?: string;
}

/** TLS specifies frontend and backend tls configuration for entire gateway. */
export interface GatewayTLSConfig {
  /** Backend describes TLS configuration for gateway when connecting to backends. */
  readonly backend?: GatewayTLSConfigBackend;
  /** Frontend describes TLS config when client connects to Gateway. Support: Core */
  readonly frontend?: FrontendTLSConfig;
}

/** Backend describes TLS configuration for gateway when connecting to backends. */
export interface GatewayTLSConfigBackend {
  /** ClientCertificateRef references an object that contains a client certificate and its associated private key. It can reference standard Kubernetes resources, i.e., Secret, or implementation-specific custom resources. */
  readonly clientCertificateRef?: SecretObjectReference;
}

/** Frontend describes TLS config when client connects to Gateway. Support: Core */
export interface FrontendTLSConfig {
  /** Default specifies the default client certificate validation configuration for all Listeners handling HTTPS traffic, unless a per-port configuration is defined. */
  readonly default: TLSConfig;
  /** PerPort specifies tls configuration assigned per port. Per port configuration is optional. Once set this configuration overrides the default configuration for all Listeners handling HTTPS traffic that match this port. Each override port requires a unique TLS configuration. */
  readonly perPort?: readonly TLSPortConfig[];
}

/** Default specifies the default client certificate validation configuration for all Listeners handling HTTPS traffic, unless a per-port configuration is defined. */
export interface TLSConfig {
  /** Validation holds configuration information for validating the frontend (client). Setting this field will result in mutual authentication when connecting to the gateway. In browsers this may result in a dialog appearing that requests a user to specify the client certificate. The maximum depth of a certificate chain accepted in verification is Implementation specific. */
  readonly validation?: FrontendTLSValidation;
}

/** Validation holds configuration information for validating the frontend (client). Setting this field will result in mutual authentication when connecting to the gateway. In browsers this may result in a dialog appearing that requests a user to specify the client certificate. The maximum depth of a certificate chain accepted in verification is Implementation specific. */
export interface FrontendTLSValidation {
  /** CACertificateRefs contains one or more references to Kubernetes objects that contain a PEM-encoded TLS CA certificate bundle, which is used as a trust anchor to validate the certificates presented by the client. */
  readonly caCertificateRefs: readonly ObjectReference[];
  /** FrontendValidationMode defines the mode for validating the client certificate. There are two possible modes: */
  readonly mode?: "AllowValidOnly" | "AllowInsecureFallback";
}

/** ObjectReference identifies an API object including its namespace. */
export interface ObjectReference {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When set to the empty string, core API group is inferred. */
  readonly group: string;
  /** Kind is kind of the referent. For example "ConfigMap" or "Service". */
  readonly kind: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the referenced object. When unspecified, the local namespace is inferred. */
  readonly namespace?: string;
}

export interface TLSPortConfig {
  /** The Port indicates the Port Number to which the TLS configuration will be applied. This configuration will be applied to all Listeners handling HTTPS traffic that match this port. */
  readonly port: number;
  /** TLS store the configuration that will be applied to all Listeners handling HTTPS traffic and matching given port. */
  readonly tls: TLSConfig;
}
