// TypeScript types of one kind of Istio or Gateway API out of its structural schema. Types carry the names that their own projects give them
// where the table knows them.

/** Path in the schema (without `[]`) to the name of Istio's message, or of Gateway API's type. */
const names = {
  "VirtualService.http": "HTTPRoute",
  "VirtualService.http.match": "HTTPMatchRequest",
  "VirtualService.http.route": "HTTPRouteDestination",
  "VirtualService.http.route.destination": "Destination",
  "VirtualService.http.route.destination.port": "PortSelector",
  "VirtualService.http.headers": "Headers",
  "VirtualService.http.headers.request": "HeaderOperations",
  "VirtualService.http.redirect": "HTTPRedirect",
  "VirtualService.http.directResponse": "HTTPDirectResponse",
  "VirtualService.http.directResponse.body": "HTTPBody",
  "VirtualService.http.delegate": "Delegate",
  "VirtualService.http.rewrite": "HTTPRewrite",
  "VirtualService.http.rewrite.uriRegexRewrite": "RegexRewrite",
  "VirtualService.http.retries": "HTTPRetry",
  "VirtualService.http.fault": "HTTPFaultInjection",
  "VirtualService.http.fault.delay": "FaultDelay",
  "VirtualService.http.fault.abort": "FaultAbort",
  "VirtualService.http.mirrorPercentage": "Percent",
  "VirtualService.http.mirrors": "HTTPMirrorPolicy",
  "VirtualService.http.corsPolicy": "CorsPolicy",
  "VirtualService.tcp": "TCPRoute",
  "VirtualService.tcp.match": "L4MatchAttributes",
  "VirtualService.tcp.route": "RouteDestination",
  "VirtualService.tls": "TLSRoute",
  "VirtualService.tls.match": "TLSMatchAttributes",
  "DestinationRule.subsets": "Subset",
  "DestinationRule.workloadSelector": "WorkloadSelector",
  "DestinationRule.trafficPolicy": "TrafficPolicy",
  "DestinationRule.trafficPolicy.portLevelSettings": "PortTrafficPolicy",
  "DestinationRule.trafficPolicy.portLevelSettings.port": "PortSelector",
  "DestinationRule.trafficPolicy.connectionPool": "ConnectionPoolSettings",
  "DestinationRule.trafficPolicy.connectionPool.http": "HTTPSettings",
  "DestinationRule.trafficPolicy.connectionPool.http.http2KeepAlive": "Http2KeepAlive",
  "DestinationRule.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes": "HTTPCookieAttribute",
  "DestinationRule.trafficPolicy.loadBalancer.zoneAwareLbSetting": "ZoneAwareLoadBalancerSetting",
  "DestinationRule.trafficPolicy.connectionPool.tcp": "TCPSettings",
  "DestinationRule.trafficPolicy.connectionPool.tcp.tcpKeepalive": "TcpKeepalive",
  "DestinationRule.trafficPolicy.loadBalancer": "LoadBalancerSettings",
  "DestinationRule.trafficPolicy.loadBalancer.consistentHash": "ConsistentHashLB",
  "DestinationRule.trafficPolicy.loadBalancer.consistentHash.httpCookie": "HTTPCookie",
  "DestinationRule.trafficPolicy.loadBalancer.consistentHash.maglev": "MagLev",
  "DestinationRule.trafficPolicy.loadBalancer.consistentHash.ringHash": "RingHash",
  "DestinationRule.trafficPolicy.loadBalancer.localityLbSetting": "LocalityLoadBalancerSetting",
  "DestinationRule.trafficPolicy.loadBalancer.localityLbSetting.distribute": "LocalityDistribute",
  "DestinationRule.trafficPolicy.loadBalancer.localityLbSetting.failover": "LocalityFailover",
  "DestinationRule.trafficPolicy.loadBalancer.warmup": "WarmupConfiguration",
  "DestinationRule.trafficPolicy.outlierDetection": "OutlierDetection",
  "DestinationRule.trafficPolicy.tls": "ClientTLSSettings",
  "DestinationRule.trafficPolicy.tunnel": "TunnelSettings",
  "DestinationRule.trafficPolicy.proxyProtocol": "ProxyProtocol",
  "DestinationRule.trafficPolicy.retryBudget": "RetryBudget",
  "Gateway.servers": "Server",
  "Gateway.servers.port": "GatewayPort",
  "Gateway.servers.tls": "ServerTLSSettings",
  "Gateway.servers.tls.tlsCertificates": "TLSCertificate",
  "Sidecar.ingress.tls.tlsCertificates": "TLSCertificate",
  "ServiceEntry.ports": "ServicePort",
  "ServiceEntry.endpoints": "WorkloadEntrySpec",
  "ServiceEntry.workloadSelector": "WorkloadSelector",
  "WorkloadGroup.template": "WorkloadEntrySpec",
  "WorkloadGroup.metadata": "WorkloadGroupMetadata",
  "WorkloadGroup.probe": "ReadinessProbe",
  "Sidecar.egress": "IstioEgressListener",
  "Sidecar.ingress": "IstioIngressListener",
  "Sidecar.egress.port": "SidecarPort",
  "Sidecar.inboundConnectionPool": "ConnectionPoolSettings",
  "Sidecar.inboundConnectionPool.http": "HTTPSettings",
  "Sidecar.inboundConnectionPool.http.http2KeepAlive": "Http2KeepAlive",
  "Sidecar.inboundConnectionPool.tcp": "TCPSettings",
  "Sidecar.inboundConnectionPool.tcp.tcpKeepalive": "TcpKeepalive",
  "Sidecar.ingress.tls": "ServerTLSSettings",
  "Sidecar.outboundTrafficPolicy": "OutboundTrafficPolicy",
  "Sidecar.outboundTrafficPolicy.egressProxy": "Destination",
  "Sidecar.workloadSelector": "WorkloadSelector",
  "AuthorizationPolicy.rules": "AuthorizationRule",
  "AuthorizationPolicy.rules.from": "AuthorizationFrom",
  "AuthorizationPolicy.rules.from.source": "AuthorizationSource",
  "AuthorizationPolicy.rules.to": "AuthorizationTo",
  "AuthorizationPolicy.rules.to.operation": "AuthorizationOperation",
  "AuthorizationPolicy.rules.when": "AuthorizationCondition",
  "PeerAuthentication.mtls": "MutualTLS",
  "RequestAuthentication.jwtRules": "JWTRule",
  "RequestAuthentication.jwtRules.fromHeaders": "JWTHeader",
  "Telemetry.accessLogging": "AccessLogging",
  "Telemetry.metrics": "TelemetryMetrics",
  "Telemetry.metrics.overrides": "MetricsOverrides",
  "Telemetry.tracing": "Tracing",
  "EnvoyFilter.configPatches": "EnvoyConfigObjectPatch",
  "EnvoyFilter.configPatches.match": "EnvoyConfigObjectMatch",
  "EnvoyFilter.configPatches.patch": "EnvoyPatch",
  "EnvoyFilter.workloadSelector": "WorkloadSelector",
  "RateLimit.rules": "RateLimitRule",
  "RateLimit.rules.match": "RateLimitMatch",
  "RateLimit.rules.match.headers": "RateLimitHeaderMatch",
  "RateLimit.rules.per": "RateLimitDimension",
  "RateLimit.rules.limit": "RateLimitAmount",
  "Compression.except": "CompressionException",
  "Fallback.destinations": "FallbackDestination",
  "Fallback.response": "FallbackResponse",
  "MeshConfig.defaultConfig": "ProxyConfig",
  "MeshConfig.defaultConfig.connectionSettings": "ConnectionSettings",
  "MeshConfig.defaultConfig.gatewayTopology": "Topology",
  "MeshConfig.defaultConfig.proxyHeaders": "ProxyHeaders",
  "MeshConfig.defaultConfig.proxyHeaders.setCurrentClientCertDetails": "SetCurrentClientCertDetails",
  "MeshConfig.defaultConfig.proxyStatsMatcher": "ProxyStatsMatcher",
  "MeshConfig.defaultConfig.tracing": "ProxyTracing",
  "MeshConfig.defaultHttpRetryPolicy": "HTTPRetry",
  "MeshConfig.defaultTrafficPolicy": "DefaultTrafficPolicy",
  "MeshConfig.discoverySelectors": "LabelSelector",
  "MeshConfig.discoverySelectors.matchExpressions": "LabelSelectorRequirement",
  "MeshConfig.extensionProviders": "ExtensionProvider",
  "MeshConfig.extensionProviders.opentelemetry": "OpenTelemetryTracingProvider",
  "MeshConfig.extensionProviders.zipkin": "ZipkinTracingProvider",
  "MeshConfig.extensionProviders.zipkin.headers": "HttpHeader",
  "MeshConfig.tcpKeepalive": "TcpKeepalive",
  "HTTPRoute.parentRefs": "ParentReference",
  "HTTPRoute.rules": "HTTPRouteRule",
  "HTTPRoute.rules.backendRefs": "HTTPBackendRef",
  "HTTPRoute.rules.filters": "HTTPRouteFilter",
  "HTTPRoute.rules.filters.extensionRef": "LocalObjectReference",
  "HTTPRoute.rules.filters.requestHeaderModifier": "HTTPHeaderFilter",
  "HTTPRoute.rules.filters.requestHeaderModifier.add": "HTTPHeader",
  "HTTPRoute.rules.filters.requestMirror": "HTTPRequestMirrorFilter",
  "HTTPRoute.rules.filters.requestMirror.backendRef": "BackendObjectReference",
  "HTTPRoute.rules.filters.requestMirror.fraction": "Fraction",
  "HTTPRoute.rules.matches": "HTTPRouteMatch",
  "GRPCRoute.parentRefs": "ParentReference",
  "GRPCRoute.rules": "GRPCRouteRule",
  "GRPCRoute.rules.backendRefs": "GRPCBackendRef",
  "GRPCRoute.rules.filters": "GRPCRouteFilter",
  "GRPCRoute.rules.filters.extensionRef": "LocalObjectReference",
  "GRPCRoute.rules.filters.requestHeaderModifier": "HTTPHeaderFilter",
  "GRPCRoute.rules.filters.requestHeaderModifier.add": "HTTPHeader",
  "GRPCRoute.rules.filters.requestMirror": "HTTPRequestMirrorFilter",
  "GRPCRoute.rules.filters.requestMirror.backendRef": "BackendObjectReference",
  "GRPCRoute.rules.filters.requestMirror.fraction": "Fraction",
  "GRPCRoute.rules.matches": "GRPCRouteMatch",
  "HTTPRoute.rules.filters.cors": "HTTPCORSFilter",
  "HTTPRoute.rules.filters.requestRedirect": "HTTPRequestRedirectFilter",
  "HTTPRoute.rules.filters.requestRedirect.path": "HTTPPathModifier",
  "HTTPRoute.rules.filters.urlRewrite": "HTTPURLRewriteFilter",
  "HTTPRoute.rules.matches.headers": "HTTPHeaderMatch",
  "HTTPRoute.rules.matches.path": "HTTPPathMatch",
  "HTTPRoute.rules.retry": "HTTPRouteRetry",
  "HTTPRoute.rules.timeouts": "HTTPRouteTimeouts",
  "GRPCRoute.rules.matches.headers": "GRPCHeaderMatch",
  "GRPCRoute.rules.matches.method": "GRPCMethodMatch",
  "TCPRoute.parentRefs": "ParentReference",
  "TCPRoute.rules": "TCPRouteRule",
  "TCPRoute.rules.backendRefs": "BackendRef",
  "TLSRoute.parentRefs": "ParentReference",
  "TLSRoute.rules": "TLSRouteRule",
  "TLSRoute.rules.backendRefs": "BackendRef",
  "UDPRoute.parentRefs": "ParentReference",
  "UDPRoute.rules": "UDPRouteRule",
  "UDPRoute.rules.backendRefs": "BackendRef",
  "ReferenceGrant.from": "ReferenceGrantFrom",
  "ReferenceGrant.to": "ReferenceGrantTo",
  "Gateway.listeners": "Listener",
  "Gateway.listeners.allowedRoutes": "AllowedRoutes",
  "Gateway.listeners.allowedRoutes.kinds": "RouteGroupKind",
  "Gateway.listeners.allowedRoutes.namespaces": "RouteNamespaces",
  "Gateway.listeners.tls": "ListenerTLSConfig",
  "Gateway.listeners.tls.certificateRefs": "SecretObjectReference",
  "Gateway.allowedListeners": "AllowedListeners",
  "Gateway.allowedListeners.namespaces": "ListenerNamespaces",
  "Gateway.allowedListeners.namespaces.selector": "LabelSelector",
  "Gateway.allowedListeners.namespaces.selector.matchExpressions": "LabelSelectorRequirement",
  "Gateway.tls": "GatewayTLSConfig",
  "Gateway.tls.frontend": "FrontendTLSConfig",
  "Gateway.tls.frontend.default": "TLSConfig",
  "Gateway.tls.frontend.default.validation": "FrontendTLSValidation",
  "Gateway.tls.frontend.default.validation.caCertificateRefs": "ObjectReference",
  "Gateway.tls.frontend.perPort": "TLSPortConfig",
  "ListenerSet.parentRef": "ParentGatewayReference",
  "ListenerSet.listeners": "ListenerEntry",
  "ListenerSet.listeners.allowedRoutes": "AllowedRoutes",
  "ListenerSet.listeners.allowedRoutes.kinds": "RouteGroupKind",
  "ListenerSet.listeners.allowedRoutes.namespaces": "RouteNamespaces",
  "ListenerSet.listeners.allowedRoutes.namespaces.selector": "LabelSelector",
  "ListenerSet.listeners.allowedRoutes.namespaces.selector.matchExpressions": "LabelSelectorRequirement",
  "ListenerSet.listeners.tls": "ListenerTLSConfig",
  "ListenerSet.listeners.tls.certificateRefs": "SecretObjectReference",
  "BackendTLSPolicy.targetRefs": "LocalPolicyTargetReferenceWithSectionName",
  "BackendTLSPolicy.validation.caCertificateRefs": "LocalObjectReference",
  "BackendTLSPolicy.validation.subjectAltNames": "SubjectAltName",
};
/** Fields that hold the same message in whatever kind. */
const byField = { targetRef: "PolicyTargetReference", targetRefs: "PolicyTargetReference" };

/** The text of one file: the interface of `spec`, then those that it is made of. */
export function crdTypes(kind, spec) {
  const state = { byShape: new Map(), preferred: new Map(), used: new Set(), out: [] };
  for (const [path, name] of Object.entries(names)) {
    const schema = path.startsWith(`${kind}.`) ? at(spec, path.split(".").slice(1)) : undefined;
    if (schema !== undefined && !state.preferred.has(shape(schema))) state.preferred.set(shape(schema), name);
  }
  named(state, kind, spec, `${kind}Spec`);
  return `${state.out.join("\n")}`;
}

/** The schema of a field, through lists. */
function at(schema, path) {
  const found = path.reduce((s, step) => (s?.items ?? s)?.properties?.[step], schema);
  return found?.items ?? found;
}

function named(state, path, schema, wanted) {
  const key = shape(schema);
  const known = state.byShape.get(key);
  if (known !== undefined) return known;
  let name = state.preferred.get(key) ?? wanted;
  while (state.used.has(name)) name = `${name}_`;
  state.used.add(name);
  state.byShape.set(key, name);
  const slot = state.out.push("") - 1;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([field, value]) => {
    const note = comment(value);
    const optional = required.has(field) ? "" : "?";
    return `${note}  readonly ${field}${optional}: ${typeOf(state, `${path}.${field}`, field, name, value)};\n`;
  });
  state.out[slot] = `${comment(schema, "")}export interface ${name} {\n${fields.join("")}}\n`;
  return name;
}

function typeOf(state, path, field, parent, schema) {
  if (schema["x-kubernetes-int-or-string"]) return "number | string";
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array": {
      const item = typeOf(state, path, field, parent, schema.items ?? {});
      return `readonly ${item.includes("|") || item.startsWith("readonly") ? `(${item})` : item}[]`;
    }
    case "object":
      return objectOf(state, path, field, parent, schema);
    default:
      return "unknown";
  }
}

function objectOf(state, path, field, parent, schema) {
  if (schema.properties) {
    const base = parent.replace(/Spec$/, "");
    const isStringMatch = shape(schema) === `${JSON.stringify(["exact", "prefix", "regex"])}`;
    const wanted = isStringMatch
      ? "StringMatch"
      : (names[path] ?? byField[field] ?? `${base}${field[0].toUpperCase()}${field.slice(1)}`);
    return named(state, path, schema, wanted);
  }
  if (typeof schema.additionalProperties === "object") {
    return `Readonly<Record<string, ${typeOf(state, path, field, parent, schema.additionalProperties)}>>`;
  }
  return "Readonly<Record<string, unknown>>";
}

/** Equal for schemas that give the same interface. A string match is known by its fields alone. */
function shape(schema) {
  const fields = Object.keys(schema.properties ?? {}).sort();
  if (fields.join() === "exact,prefix,regex") return JSON.stringify(fields);
  return JSON.stringify(strip(schema));
}

function strip(schema) {
  if (Array.isArray(schema)) return schema.map(strip);
  if (typeof schema !== "object" || schema === null) return schema;
  const out = {};
  for (const key of ["type", "enum", "required", "items", "additionalProperties", "x-kubernetes-int-or-string"]) {
    if (schema[key] !== undefined) out[key] = strip(schema[key]);
  }
  if (schema.properties)
    out.properties = Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, strip(v)]));
  return out;
}

function comment(schema, indent = "  ") {
  if (!schema.description || /^See more details at:/.test(schema.description)) return "";
  const text = schema.description
    .split("\n\n")[0]
    .replace(/\s+/g, " ")
    .replace(/ See more details at: \S+$/, "")
    .replaceAll("*/", "* /")
    .trim();
  return `${indent}/** ${text} */\n`;
}
