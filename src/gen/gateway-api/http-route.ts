// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of HTTPRoute. */
export interface HTTPRouteSpec {
  /** Hostnames defines a set of hostnames that should match against the HTTP Host header to select a HTTPRoute used to process the request. Implementations MUST ignore any port value specified in the HTTP Host header while performing a match and (absent of any applicable header modification configuration) MUST forward this header unmodified to the backend. */
  readonly hostnames?: readonly string[];
  /** ParentRefs references the resources (usually Gateways) that a Route wants to be attached to. Note that the referenced parent resource needs to allow this for the attachment to be complete. For Gateways, that means the Gateway needs to allow attachment from Routes of this kind and namespace. For Services, that means the Service must either be in the same namespace for a "producer" route, or the mesh implementation must support and allow "consumer" routes for the referenced Service. ReferenceGrant is not applicable for governing ParentRefs to Services - it is not possible to create a "producer" route for a Service in a different namespace from the Route. */
  readonly parentRefs?: readonly ParentReference[];
  /** Rules are a list of HTTP matchers, filters and actions. */
  readonly rules?: readonly HTTPRouteRule[];
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

/** HTTPRouteRule defines semantics for matching an HTTP request based on conditions (matches), processing it (filters), and forwarding the request to an API object (backendRefs). */
export interface HTTPRouteRule {
  /** BackendRefs defines the backend(s) where matching requests should be sent. */
  readonly backendRefs?: readonly HTTPBackendRef[];
  /** Filters define the filters that are applied to requests that match this rule. */
  readonly filters?: readonly HTTPRouteFilter[];
  /** Matches define conditions used for matching the rule against incoming HTTP requests. Each match is independent, i.e. this rule will be matched if **any** one of the matches is satisfied. */
  readonly matches?: readonly HTTPRouteMatch[];
  /** Name is the name of the route rule. This name MUST be unique within a Route if it is set. */
  readonly name?: string;
  /** Retry defines the configuration for when to retry an HTTP request. */
  readonly retry?: HTTPRouteRetry;
  /** Timeouts defines the timeouts that can be configured for an HTTP request. */
  readonly timeouts?: HTTPRouteTimeouts;
}

/** HTTPBackendRef defines how a HTTPRoute forwards a HTTP request. */
export interface HTTPBackendRef {
  /** Filters defined at this level should be executed if and only if the request is being forwarded to the backend defined here. */
  readonly filters?: readonly HTTPRouteFilter[];
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

/** HTTPRouteFilter defines processing steps that must be completed during the request or response lifecycle. HTTPRouteFilters are meant as an extension point to express processing that may be done in Gateway implementations. Some examples include request or response modification, implementing authentication strategies, rate-limiting, and traffic shaping. API guarantee/conformance is defined based on the type of the filter. */
export interface HTTPRouteFilter {
  /** CORS defines a schema for a filter that responds to the cross-origin request based on HTTP response header. */
  readonly cors?: HTTPCORSFilter;
  /** ExtensionRef is an optional, implementation-specific extension to the "filter" behavior. For example, resource "myroutefilter" in group "networking.example.net"). ExtensionRef MUST NOT be used for core and extended filters. */
  readonly extensionRef?: LocalObjectReference;
  /** RequestHeaderModifier defines a schema for a filter that modifies request headers. */
  readonly requestHeaderModifier?: HTTPHeaderFilter;
  /** RequestMirror defines a schema for a filter that mirrors requests. Requests are sent to the specified destination, but responses from that destination are ignored. */
  readonly requestMirror?: HTTPRequestMirrorFilter;
  /** RequestRedirect defines a schema for a filter that responds to the request with an HTTP redirection. */
  readonly requestRedirect?: HTTPRequestRedirectFilter;
  /** ResponseHeaderModifier defines a schema for a filter that modifies response headers. */
  readonly responseHeaderModifier?: HTTPHeaderFilter;
  /** Type identifies the type of filter to apply. As with other API fields, types are classified into three conformance levels: */
  readonly type: "RequestHeaderModifier" | "ResponseHeaderModifier" | "RequestMirror" | "RequestRedirect" | "URLRewrite" | "ExtensionRef" | "CORS";
  /** URLRewrite defines a schema for a filter that modifies a request during forwarding. */
  readonly urlRewrite?: HTTPURLRewriteFilter;
}

/** CORS defines a schema for a filter that responds to the cross-origin request based on HTTP response header. */
export interface HTTPCORSFilter {
  /** AllowCredentials indicates whether the actual cross-origin request allows to include credentials. */
  readonly allowCredentials?: boolean;
  /** AllowHeaders indicates which HTTP request headers are supported for accessing the requested resource. */
  readonly allowHeaders?: readonly string[];
  /** AllowMethods indicates which HTTP methods are supported for accessing the requested resource. */
  readonly allowMethods?: readonly ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH" | "*")[];
  /** AllowOrigins indicates whether the response can be shared with requested resource from the given `Origin`. */
  readonly allowOrigins?: readonly string[];
  /** ExposeHeaders indicates which HTTP response headers can be exposed to client-side scripts in response to a cross-origin request. */
  readonly exposeHeaders?: readonly string[];
  /** MaxAge indicates the duration (in seconds) for the client to cache the results of a "preflight" request. */
  readonly maxAge?: number;
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

/** RequestRedirect defines a schema for a filter that responds to the request with an HTTP redirection. */
export interface HTTPRequestRedirectFilter {
  /** Hostname is the hostname to be used in the value of the `Location` header in the response. When empty, the hostname in the `Host` header of the request is used. */
  readonly hostname?: string;
  /** Path defines parameters used to modify the path of the incoming request. The modified path is then used to construct the `Location` header. When empty, the request path is used as-is. */
  readonly path?: HTTPPathModifier;
  /** Port is the port to be used in the value of the `Location` header in the response. */
  readonly port?: number;
  /** Scheme is the scheme to be used in the value of the `Location` header in the response. When empty, the scheme of the request is used. */
  readonly scheme?: "http" | "https";
  /** StatusCode is the HTTP status code to be used in response. */
  readonly statusCode?: 301 | 302 | 303 | 307 | 308;
}

/** Path defines parameters used to modify the path of the incoming request. The modified path is then used to construct the `Location` header. When empty, the request path is used as-is. */
export interface HTTPPathModifier {
  /** ReplaceFullPath specifies the value with which to replace the full path of a request during a rewrite or redirect. */
  readonly replaceFullPath?: string;
  /** ReplacePrefixMatch specifies the value with which to replace the prefix match of a request during a rewrite or redirect. For example, a request to "/foo/bar" with a prefix match of "/foo" and a ReplacePrefixMatch of "/xyz" would be modified to "/xyz/bar". */
  readonly replacePrefixMatch?: string;
  /** Type defines the type of path modifier. Additional types may be added in a future release of the API. */
  readonly type: "ReplaceFullPath" | "ReplacePrefixMatch";
}

/** URLRewrite defines a schema for a filter that modifies a request during forwarding. */
export interface HTTPURLRewriteFilter {
  /** Hostname is the value to be used to replace the Host header value during forwarding. */
  readonly hostname?: string;
  /** Path defines a path rewrite. */
  readonly path?: HTTPPathModifier;
}

/** HTTPRouteMatch defines the predicate used to match requests to a given action. Multiple match types are ANDed together, i.e. the match will evaluate to true only if all conditions are satisfied. */
export interface HTTPRouteMatch {
  /** Headers specifies HTTP request header matchers. Multiple match values are ANDed together, meaning, a request must match all the specified headers to select the route. */
  readonly headers?: readonly HTTPHeaderMatch[];
  /** Method specifies HTTP method matcher. When specified, this route will be matched only if the request has the specified method. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH";
  /** Path specifies a HTTP request path matcher. If this field is not specified, a default prefix match on the "/" path is provided. */
  readonly path?: HTTPPathMatch;
  /** QueryParams specifies HTTP query parameter matchers. Multiple match values are ANDed together, meaning, a request must match all the specified query parameters to select the route. */
  readonly queryParams?: readonly HTTPHeaderMatch[];
}

/** HTTPHeaderMatch describes how to select a HTTP route by matching HTTP request headers. */
export interface HTTPHeaderMatch {
  /** Name is the name of the HTTP Header to be matched. Name matching MUST be case-insensitive. (See https://tools.ietf.org/html/rfc7230#section-3.2). */
  readonly name: string;
  /** Type specifies how to match against the value of the header. */
  readonly type?: "Exact" | "RegularExpression";
  /** Value is the value of HTTP Header to be matched. */
  readonly value: string;
}

/** Path specifies a HTTP request path matcher. If this field is not specified, a default prefix match on the "/" path is provided. */
export interface HTTPPathMatch {
  /** Type specifies how to match against the path Value. */
  readonly type?: "Exact" | "PathPrefix" | "RegularExpression";
  /** Value of the HTTP path to match against. */
  readonly value?: string;
}

/** Retry defines the configuration for when to retry an HTTP request. */
export interface HTTPRouteRetry {
  /** Attempts specifies the maximum number of times an individual request from the Gateway to a backend should be retried in addition to the initial request. */
  readonly attempts?: number;
  /** Backoff specifies the base interval for a backoff strategy between retry attempts and is represented in Gateway API Duration formatting. The duration a Gateway waits before a retry attempt is determined by the base interval and the implementation's retry strategy. */
  readonly backoff?: string;
  /** Codes defines the HTTP response status codes for which a backend request should be retried. */
  readonly codes?: readonly number[];
}

/** Timeouts defines the timeouts that can be configured for an HTTP request. */
export interface HTTPRouteTimeouts {
  /** BackendRequest specifies a timeout for an individual request from the gateway to a backend. This covers the time from when the request first starts being sent from the gateway to when the full response has been received from the backend. */
  readonly backendRequest?: string;
  /** Request specifies the maximum duration for a gateway to respond to an HTTP request. If the gateway has not been able to respond before this deadline is met, the gateway MUST return a timeout error. */
  readonly request?: string;
}
