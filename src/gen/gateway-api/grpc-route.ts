// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of GRPCRoute. */
export interface GRPCRouteSpec {
  /** Hostnames defines a set of hostnames to match against the GRPC Host header to select a GRPCRoute to process the request. This matches the RFC 1123 definition of a hostname with 2 notable exceptions: */
  readonly hostnames?: readonly string[];
  /** ParentRefs references the resources (usually Gateways) that a Route wants to be attached to. Note that the referenced parent resource needs to allow this for the attachment to be complete. For Gateways, that means the Gateway needs to allow attachment from Routes of this kind and namespace. For Services, that means the Service must either be in the same namespace for a "producer" route, or the mesh implementation must support and allow "consumer" routes for the referenced Service. ReferenceGrant is not applicable for governing ParentRefs to Services - it is not possible to create a "producer" route for a Service in a different namespace from the Route. */
  readonly parentRefs?: readonly ParentReference[];
  /** Rules are a list of GRPC matchers, filters and actions. */
  readonly rules?: readonly GRPCRouteRule[];
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

/** GRPCRouteRule defines the semantics for matching a gRPC request based on conditions (matches), processing it (filters), and forwarding the request to an API object (backendRefs). */
export interface GRPCRouteRule {
  /** BackendRefs defines the backend(s) where matching requests should be sent. */
  readonly backendRefs?: readonly GRPCBackendRef[];
  /** Filters define the filters that are applied to requests that match this rule. */
  readonly filters?: readonly GRPCRouteFilter[];
  /** Matches define conditions used for matching the rule against incoming gRPC requests. Each match is independent, i.e. this rule will be matched if **any** one of the matches is satisfied. */
  readonly matches?: readonly GRPCRouteMatch[];
  /** Name is the name of the route rule. This name MUST be unique within a Route if it is set. */
  readonly name?: string;
}

/** GRPCBackendRef defines how a GRPCRoute forwards a gRPC request. */
export interface GRPCBackendRef {
  /** Filters defined at this level MUST be executed if and only if the request is being forwarded to the backend defined here. */
  readonly filters?: readonly GRPCRouteFilter[];
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

/** GRPCRouteFilter defines processing steps that must be completed during the request or response lifecycle. GRPCRouteFilters are meant as an extension point to express processing that may be done in Gateway implementations. Some examples include request or response modification, implementing authentication strategies, rate-limiting, and traffic shaping. API guarantee/conformance is defined based on the type of the filter. */
export interface GRPCRouteFilter {
  /** ExtensionRef is an optional, implementation-specific extension to the "filter" behavior. For example, resource "myroutefilter" in group "networking.example.net"). ExtensionRef MUST NOT be used for core and extended filters. */
  readonly extensionRef?: LocalObjectReference;
  /** RequestHeaderModifier defines a schema for a filter that modifies request headers. */
  readonly requestHeaderModifier?: HTTPHeaderFilter;
  /** RequestMirror defines a schema for a filter that mirrors requests. Requests are sent to the specified destination, but responses from that destination are ignored. */
  readonly requestMirror?: HTTPRequestMirrorFilter;
  /** ResponseHeaderModifier defines a schema for a filter that modifies response headers. */
  readonly responseHeaderModifier?: HTTPHeaderFilter;
  /** Type identifies the type of filter to apply. As with other API fields, types are classified into three conformance levels: */
  readonly type: "ResponseHeaderModifier" | "RequestHeaderModifier" | "RequestMirror" | "ExtensionRef";
}

/** ExtensionRef is an optional, implementation-specific extension to the "filter" behavior. For example, resource "myroutefilter" in group "networking.example.net"). ExtensionRef MUST NOT be used for core and extended filters. */
export interface LocalObjectReference {
  /** Group is the group of the referent. For example, "gateway.networking.k8s.io". When unspecified or empty string, core API group is inferred. */
  readonly group: string;
  /** Kind is kind of the referent. For example "HTTPRoute" or "Service". */
  readonly kind: string;
  /** Name is the name of the referent. */
  readonly name: string;
}

/** RequestHeaderModifier defines a schema for a filter that modifies request headers. */
export interface HTTPHeaderFilter {
  /** Add adds the given header(s) (name, value) to the request before the action. It appends to any existing values associated with the header name. */
  readonly add?: readonly HTTPHeader[];
  /** Remove the given header(s) from the HTTP request before the action. The value of Remove is a list of HTTP header names. Note that the header names are case-insensitive (see https://datatracker.ietf.org/doc/html/rfc2616#section-4.2). */
  readonly remove?: readonly string[];
  /** Set overwrites the request with the given header (name, value) before the action. */
  readonly set?: readonly HTTPHeader[];
}

/** HTTPHeader represents an HTTP Header name and value as defined by RFC 7230. */
export interface HTTPHeader {
  /** Name is the name of the HTTP Header to be matched. Name matching MUST be case-insensitive. (See https://tools.ietf.org/html/rfc7230#section-3.2). */
  readonly name: string;
  /** Value is the value of HTTP Header to be matched. */
  readonly value: string;
}

/** RequestMirror defines a schema for a filter that mirrors requests. Requests are sent to the specified destination, but responses from that destination are ignored. */
export interface HTTPRequestMirrorFilter {
  /** BackendRef references a resource where mirrored requests are sent. */
  readonly backendRef: BackendObjectReference;
  /** Fraction represents the fraction of requests that should be mirrored to BackendRef. */
  readonly fraction?: Fraction;
  /** Percent represents the percentage of requests that should be mirrored to BackendRef. Its minimum value is 0 (indicating 0% of requests) and its maximum value is 100 (indicating 100% of requests). */
  readonly percent?: number;
}

/** BackendRef references a resource where mirrored requests are sent. */
export interface BackendObjectReference {
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
}

/** Fraction represents the fraction of requests that should be mirrored to BackendRef. */
export interface Fraction {
  readonly denominator?: number;
  readonly numerator: number;
}

/** GRPCRouteMatch defines the predicate used to match requests to a given action. Multiple match types are ANDed together, i.e. the match will evaluate to true only if all conditions are satisfied. */
export interface GRPCRouteMatch {
  /** Headers specifies gRPC request header matchers. Multiple match values are ANDed together, meaning, a request MUST match all the specified headers to select the route. */
  readonly headers?: readonly GRPCHeaderMatch[];
  /** Method specifies a gRPC request service/method matcher. If this field is not specified, all services and methods will match. */
  readonly method?: GRPCMethodMatch;
}

/** GRPCHeaderMatch describes how to select a gRPC route by matching gRPC request headers. */
export interface GRPCHeaderMatch {
  /** Name is the name of the gRPC Header to be matched. */
  readonly name: string;
  /** Type specifies how to match against the value of the header. */
  readonly type?: "Exact" | "RegularExpression";
  /** Value is the value of the gRPC Header to be matched. */
  readonly value: string;
}

/** Method specifies a gRPC request service/method matcher. If this field is not specified, all services and methods will match. */
export interface GRPCMethodMatch {
  /** Value of the method to match against. If left empty or omitted, will match all services. */
  readonly method?: string;
  /** Value of the service to match against. If left empty or omitted, will match any service. */
  readonly service?: string;
  /** Type specifies how to match against the service and/or method. Support: Core (Exact with service and method specified) */
  readonly type?: "Exact" | "RegularExpression";
}
