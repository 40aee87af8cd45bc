// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting label/content routing, sni routing, etc. */
export interface VirtualServiceSpec {
  /** A list of namespaces to which this virtual service is exported. */
  readonly exportTo?: readonly string[];
  /** The names of gateways and sidecars that should apply these routes. */
  readonly gateways?: readonly string[];
  /** The destination hosts to which traffic is being sent. */
  readonly hosts?: readonly string[];
  /** An ordered list of route rules for HTTP traffic. */
  readonly http?: readonly HTTPRoute[];
  /** An ordered list of route rules for opaque TCP traffic. */
  readonly tcp?: readonly TCPRoute[];
  /** An ordered list of route rule for non-terminated TLS & HTTPS traffic. */
  readonly tls?: readonly TLSRoute[];
}

export interface HTTPRoute {
  /** Cross-Origin Resource Sharing policy (CORS). */
  readonly corsPolicy?: CorsPolicy;
  /** Delegate is used to specify the particular VirtualService which can be used to define delegate HTTPRoute. */
  readonly delegate?: Delegate;
  /** A HTTP rule can either return a direct_response, redirect or forward (default) traffic. */
  readonly directResponse?: HTTPDirectResponse;
  /** Fault injection policy to apply on HTTP traffic at the client side. */
  readonly fault?: HTTPFaultInjection;
  readonly headers?: Headers;
  /** Match conditions to be satisfied for the rule to be activated. */
  readonly match?: readonly HTTPMatchRequest[];
  /** Mirror HTTP traffic to a another destination in addition to forwarding the requests to the intended destination. */
  readonly mirror?: Destination;
  readonly mirror_percent?: number;
  readonly mirrorPercent?: number;
  /** Percentage of the traffic to be mirrored by the `mirror` field. */
  readonly mirrorPercentage?: Percent;
  /** Specifies the destinations to mirror HTTP traffic in addition to the original destination. */
  readonly mirrors?: readonly HTTPMirrorPolicy[];
  /** The name assigned to the route for debugging purposes. */
  readonly name?: string;
  /** A HTTP rule can either return a direct_response, redirect or forward (default) traffic. */
  readonly redirect?: HTTPRedirect;
  /** Retry policy for HTTP requests. */
  readonly retries?: HTTPRetry;
  /** Rewrite HTTP URIs and Authority headers. */
  readonly rewrite?: HTTPRewrite;
  /** A HTTP rule can either return a direct_response, redirect or forward (default) traffic. */
  readonly route?: readonly HTTPRouteDestination[];
  /** Timeout for HTTP requests, default is disabled. */
  readonly timeout?: string;
}

/** Cross-Origin Resource Sharing policy (CORS). */
export interface CorsPolicy {
  /** Indicates whether the caller is allowed to send the actual request (not the preflight) using credentials. */
  readonly allowCredentials?: boolean;
  /** List of HTTP headers that can be used when requesting the resource. */
  readonly allowHeaders?: readonly string[];
  /** List of HTTP methods allowed to access the resource. */
  readonly allowMethods?: readonly string[];
  readonly allowOrigin?: readonly string[];
  /** String patterns that match allowed origins. */
  readonly allowOrigins?: readonly StringMatch[];
  /** A list of HTTP headers that the browsers are allowed to access. */
  readonly exposeHeaders?: readonly string[];
  /** Specifies how long the results of a preflight request can be cached. */
  readonly maxAge?: string;
  /** Indicates whether preflight requests not matching the configured allowed origin shouldn't be forwarded to the upstream. */
  readonly unmatchedPreflights?: "UNSPECIFIED" | "FORWARD" | "IGNORE";
}

export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  /** [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly regex?: string;
}

/** Delegate is used to specify the particular VirtualService which can be used to define delegate HTTPRoute. */
export interface Delegate {
  /** Name specifies the name of the delegate VirtualService. */
  readonly name?: string;
  /** Namespace specifies the namespace where the delegate VirtualService resides. */
  readonly namespace?: string;
}

/** A HTTP rule can either return a direct_response, redirect or forward (default) traffic. */
export interface HTTPDirectResponse {
  /** Specifies the content of the response body. */
  readonly body?: HTTPBody;
  /** Specifies the HTTP response status to be returned. */
  readonly status: number;
}

/** Specifies the content of the response body. */
export interface HTTPBody {
  /** response body as base64 encoded bytes. */
  readonly bytes?: string;
  readonly string?: string;
}

/** Fault injection policy to apply on HTTP traffic at the client side. */
export interface HTTPFaultInjection {
  /** Abort Http request attempts and return error codes back to downstream service, giving the impression that the upstream service is faulty. */
  readonly abort?: FaultAbort;
  /** Delay requests before forwarding, emulating various failures such as network issues, overloaded upstream service, etc. */
  readonly delay?: FaultDelay;
}

/** Abort Http request attempts and return error codes back to downstream service, giving the impression that the upstream service is faulty. */
export interface FaultAbort {
  /** GRPC status code to use to abort the request. */
  readonly grpcStatus?: string;
  readonly http2Error?: string;
  /** HTTP status code to use to abort the Http request. */
  readonly httpStatus?: number;
  /** Percentage of requests to be aborted with the error code provided. */
  readonly percentage?: Percent;
}

/** Percentage of requests to be aborted with the error code provided. */
export interface Percent {
  readonly value?: number;
}

/** Delay requests before forwarding, emulating various failures such as network issues, overloaded upstream service, etc. */
export interface FaultDelay {
  readonly exponentialDelay?: string;
  /** Add a fixed delay before forwarding the request. */
  readonly fixedDelay?: string;
  /** Percentage of requests on which the delay will be injected (0-100). */
  readonly percent?: number;
  /** Percentage of requests on which the delay will be injected. */
  readonly percentage?: Percent;
}

export interface Headers {
  readonly request?: HeaderOperations;
  readonly response?: HeaderOperations;
}

export interface HeaderOperations {
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
}

export interface HTTPMatchRequest {
  /** HTTP Authority values are case-sensitive and formatted as follows: - `exact: "value"` for exact string match - `prefix: "value"` for prefix-based match - `regex: "value"` for [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly authority?: StringMatch;
  /** Names of gateways where the rule should be applied. */
  readonly gateways?: readonly string[];
  /** The header keys must be lowercase and use hyphen as the separator, e.g. */
  readonly headers?: Readonly<Record<string, StringMatch>>;
  /** Flag to specify whether the URI matching should be case-insensitive. */
  readonly ignoreUriCase?: boolean;
  /** HTTP Method values are case-sensitive and formatted as follows: - `exact: "value"` for exact string match - `prefix: "value"` for prefix-based match - `regex: "value"` for [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly method?: StringMatch;
  /** The name assigned to a match. */
  readonly name?: string;
  /** Specifies the ports on the host that is being addressed. */
  readonly port?: number;
  /** Query parameters for matching. */
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  /** URI Scheme values are case-sensitive and formatted as follows: - `exact: "value"` for exact string match - `prefix: "value"` for prefix-based match - `regex: "value"` for [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly scheme?: StringMatch;
  /** One or more labels that constrain the applicability of a rule to source (client) workloads with the given labels. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Source namespace constraining the applicability of a rule to workloads in that namespace. */
  readonly sourceNamespace?: string;
  /** The human readable prefix to use when emitting statistics for this route. */
  readonly statPrefix?: string;
  /** URI to match values are case-sensitive and formatted as follows: - `exact: "value"` for exact string match - `prefix: "value"` for prefix-based match - `regex: "value"` for [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly uri?: StringMatch;
  /** withoutHeader has the same syntax with the header, but has opposite meaning. */
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
}

/** Mirror HTTP traffic to a another destination in addition to forwarding the requests to the intended destination. */
export interface Destination {
  /** The name of a service from the service registry. */
  readonly host: string;
  /** Specifies the port on the host that is being addressed. */
  readonly port?: PortSelector;
  /** The name of a subset within the service. */
  readonly subset?: string;
}

/** Specifies the port on the host that is being addressed. */
export interface PortSelector {
  readonly number?: number;
}

export interface HTTPMirrorPolicy {
  /** Destination specifies the target of the mirror operation. */
  readonly destination: Destination;
  /** Percentage of the traffic to be mirrored by the `destination` field. */
  readonly percentage?: Percent;
}

/** A HTTP rule can either return a direct_response, redirect or forward (default) traffic. */
export interface HTTPRedirect {
  /** On a redirect, overwrite the Authority/Host portion of the URL with this value. */
  readonly authority?: string;
  /** On a redirect, dynamically set the port: * FROM_PROTOCOL_DEFAULT: automatically set to 80 for HTTP and 443 for HTTPS. */
  readonly derivePort?: "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
  /** On a redirect, overwrite the port portion of the URL with this value. */
  readonly port?: number;
  /** On a redirect, replace the matched prefix with this value. */
  readonly prefixRewrite?: string;
  /** On a redirect, Specifies the HTTP status code to use in the redirect response. */
  readonly redirectCode?: number;
  /** On a redirect, overwrite the scheme portion of the URL with this value. */
  readonly scheme?: string;
  /** On a redirect, overwrite the Path portion of the URL with this value. */
  readonly uri?: string;
}

/** Retry policy for HTTP requests. */
export interface HTTPRetry {
  /** Number of retries to be allowed for a given request. */
  readonly attempts?: number;
  /** Specifies the minimum duration between retry attempts. */
  readonly backoff?: string;
  /** Timeout per attempt for a given request, including the initial call and any retries. */
  readonly perTryTimeout?: string;
  /** Flag to specify whether the retries should ignore previously tried hosts during retry. */
  readonly retryIgnorePreviousHosts?: boolean;
  /** Specifies the conditions under which retry takes place. */
  readonly retryOn?: string;
  /** Flag to specify whether the retries should retry to other localities. */
  readonly retryRemoteLocalities?: boolean;
}

/** Rewrite HTTP URIs and Authority headers. */
export interface HTTPRewrite {
  /** rewrite the Authority/Host header with this value. */
  readonly authority?: string;
  /** rewrite the path (or the prefix) portion of the URI with this value. */
  readonly uri?: string;
  /** rewrite the path portion of the URI with the specified regex. */
  readonly uriRegexRewrite?: RegexRewrite;
}

/** rewrite the path portion of the URI with the specified regex. */
export interface RegexRewrite {
  /** [RE2 style regex-based match](https://github.com/google/re2/wiki/Syntax). */
  readonly match?: string;
  /** The string that should replace into matching portions of original URI. */
  readonly rewrite?: string;
}

export interface HTTPRouteDestination {
  /** Destination uniquely identifies the instances of a service to which the request/connection should be forwarded to. */
  readonly destination: Destination;
  readonly headers?: Headers;
  /** Weight specifies the relative proportion of traffic to be forwarded to the destination. */
  readonly weight?: number;
}

export interface TCPRoute {
  /** Match conditions to be satisfied for the rule to be activated. */
  readonly match?: readonly L4MatchAttributes[];
  /** The destination to which the connection should be forwarded to. */
  readonly route?: readonly RouteDestination[];
}

export interface L4MatchAttributes {
  /** IPv4 or IPv6 ip addresses of destination with optional subnet. */
  readonly destinationSubnets?: readonly string[];
  /** Names of gateways where the rule should be applied. */
  readonly gateways?: readonly string[];
  /** Specifies the port on the host that is being addressed. */
  readonly port?: number;
  /** One or more labels that constrain the applicability of a rule to workloads with the given labels. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Source namespace constraining the applicability of a rule to workloads in that namespace. */
  readonly sourceNamespace?: string;
  readonly sourceSubnet?: string;
}

export interface RouteDestination {
  /** Destination uniquely identifies the instances of a service to which the request/connection should be forwarded to. */
  readonly destination: Destination;
  /** Weight specifies the relative proportion of traffic to be forwarded to the destination. */
  readonly weight?: number;
}

export interface TLSRoute {
  /** Match conditions to be satisfied for the rule to be activated. */
  readonly match: readonly TLSMatchAttributes[];
  /** The destination to which the connection should be forwarded to. */
  readonly route?: readonly RouteDestination[];
}

export interface TLSMatchAttributes {
  /** IPv4 or IPv6 ip addresses of destination with optional subnet. */
  readonly destinationSubnets?: readonly string[];
  /** Names of gateways where the rule should be applied. */
  readonly gateways?: readonly string[];
  /** Specifies the port on the host that is being addressed. */
  readonly port?: number;
  /** SNI (server name indicator) to match on. */
  readonly sniHosts: readonly string[];
  /** One or more labels that constrain the applicability of a rule to workloads with the given labels. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Source namespace constraining the applicability of a rule to workloads in that namespace. */
  readonly sourceNamespace?: string;
}
