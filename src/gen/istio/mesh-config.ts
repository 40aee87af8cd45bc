// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), mesh/v1alpha1; do not edit.
export interface MeshConfigSpec {
  readonly accessLogEncoding?: "TEXT" | "JSON";
  readonly accessLogFile?: string;
  readonly accessLogFormat?: string;
  readonly ca?: MeshConfigCa;
  readonly caCertificates?: readonly MeshConfigCaCertificates[];
  readonly certificates?: readonly MeshConfigCertificates[];
  readonly configSources?: readonly MeshConfigConfigSources[];
  readonly connectTimeout?: string;
  readonly defaultConfig?: ProxyConfig;
  readonly defaultDestinationRuleExportTo?: readonly string[];
  readonly defaultHttpRetryPolicy?: HTTPRetry;
  readonly defaultProviders?: MeshConfigDefaultProviders;
  readonly defaultServiceExportTo?: readonly string[];
  readonly defaultTrafficPolicy?: DefaultTrafficPolicy;
  readonly defaultVirtualServiceExportTo?: readonly string[];
  readonly disableEnvoyListenerLog?: boolean;
  readonly discoverySelectors?: readonly LabelSelector[];
  readonly dnsRefreshRate?: string;
  readonly enableAutoMtls?: boolean;
  readonly enableEnvoyAccessLogService?: boolean;
  readonly enablePrometheusMerge?: boolean;
  readonly enableTracing?: boolean;
  readonly extensionProviders?: readonly ExtensionProvider[];
  readonly h2UpgradePolicy?: "DO_NOT_UPGRADE" | "UPGRADE";
  readonly hboneIdleTimeout?: string;
  readonly inboundClusterStatName?: string;
  readonly inboundTrafficPolicy?: MeshConfigInboundTrafficPolicy;
  readonly ingressClass?: string;
  readonly ingressControllerMode?: "UNSPECIFIED" | "OFF" | "DEFAULT" | "STRICT";
  readonly ingressSelector?: string;
  readonly ingressService?: string;
  readonly localityLbSetting?: MeshConfigLocalityLbSetting;
  readonly meshMTLS?: MeshConfigMeshMTLS;
  readonly outboundClusterStatName?: string;
  readonly outboundTrafficPolicy?: MeshConfigOutboundTrafficPolicy;
  readonly pathNormalization?: MeshConfigPathNormalization;
  readonly protocolDetectionTimeout?: string;
  readonly proxyHttpPort?: number;
  readonly proxyInboundListenPort?: number;
  readonly proxyListenPort?: number;
  readonly rootNamespace?: string;
  readonly serviceEntryVisibility?: MeshConfigServiceEntryVisibility;
  readonly serviceScopeConfigs?: readonly MeshConfigServiceScopeConfigs[];
  readonly serviceSettings?: readonly MeshConfigServiceSettings[];
  readonly tcpKeepalive?: TcpKeepalive;
  readonly tlsDefaults?: MeshConfigMeshMTLS;
  readonly trustDomain?: string;
  readonly trustDomainAliases?: readonly string[];
  readonly verifyCertificateAtClient?: boolean;
  readonly zoneAwareLbSetting?: MeshConfigZoneAwareLbSetting;
}

export interface MeshConfigCa {
  readonly address?: string;
  readonly istiodSide?: boolean;
  readonly requestTimeout?: string;
  readonly tlsSettings?: MeshConfigCaTlsSettings;
}

export interface MeshConfigCaTlsSettings {
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly clientCertificate?: string;
  readonly credentialName?: string;
  readonly insecureSkipVerify?: boolean;
  readonly mode?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
  readonly privateKey?: string;
  readonly sni?: string;
  readonly subjectAltNames?: readonly string[];
}

export interface MeshConfigCaCertificates {
  readonly certSigners?: readonly string[];
  readonly pem?: string;
  readonly spiffeBundleUrl?: string;
  readonly trustDomains?: readonly string[];
}

export interface MeshConfigCertificates {
  readonly dnsNames?: readonly string[];
  readonly secretName?: string;
}

export interface MeshConfigConfigSources {
  readonly address?: string;
  readonly subscribedResources?: readonly "SERVICE_REGISTRY"[];
  readonly tlsSettings?: MeshConfigCaTlsSettings;
}

export interface ProxyConfig {
  readonly availabilityZone?: string;
  readonly binaryPath?: string;
  readonly caCertificatesPem?: readonly string[];
  readonly concurrency?: number;
  readonly configPath?: string;
  readonly connectionSettings?: ConnectionSettings;
  readonly controlPlaneAuthPolicy?: "NONE" | "MUTUAL_TLS" | "INHERIT";
  readonly customConfigFile?: string;
  readonly discoveryAddress?: string;
  readonly discoveryRefreshDelay?: string;
  readonly drainDuration?: string;
  readonly envoyAccessLogService?: ProxyConfigEnvoyAccessLogService;
  readonly envoyMetricsService?: ProxyConfigEnvoyAccessLogService;
  readonly envoyMetricsServiceAddress?: string;
  readonly extraStatTags?: readonly string[];
  readonly fileFlushInterval?: string;
  readonly fileFlushMinSizeKb?: number;
  readonly gatewayTopology?: Topology;
  readonly holdApplicationUntilProxyStarts?: boolean;
  readonly image?: ProxyConfigImage;
  readonly interceptionMode?: "REDIRECT" | "TPROXY" | "NONE";
  readonly meshId?: string;
  readonly privateKeyProvider?: ProxyConfigPrivateKeyProvider;
  readonly proxyAdminPort?: number;
  readonly proxyBootstrapTemplatePath?: string;
  readonly proxyHeaders?: ProxyHeaders;
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly proxyStatsMatcher?: ProxyStatsMatcher;
  readonly readinessProbe?: ProxyConfigReadinessProbe;
  readonly runtimeValues?: Readonly<Record<string, string>>;
  readonly sds?: ProxyConfigSds;
  readonly serviceCluster?: string;
  readonly statNameLength?: number;
  readonly statsCompression?: boolean;
  readonly statsdUdpAddress?: string;
  readonly statusPort?: number;
  readonly terminationDrainDuration?: string;
  readonly tracing?: ProxyTracing;
  readonly tracingServiceName?: "APP_LABEL_AND_NAMESPACE" | "CANONICAL_NAME_ONLY" | "CANONICAL_NAME_AND_NAMESPACE";
  readonly zipkinAddress?: string;
}

export interface ConnectionSettings {
  readonly clusterPerConnectionBufferLimitBytes?: number;
  readonly globalDownstreamConnectionLimit?: number;
  readonly http2InitialConnectionWindowSize?: number;
  readonly http2InitialStreamWindowSize?: number;
  readonly httpDrainTimeout?: string;
  readonly httpHeadersWithUnderscoresAction?: "HEADERS_WITH_UNDERSCORES_UNSPECIFIED" | "HEADERS_WITH_UNDERSCORES_ALLOW" | "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST" | "HEADERS_WITH_UNDERSCORES_DROP_HEADER";
  readonly httpIdleTimeout?: string;
  readonly httpMaxConcurrentStreams?: number;
  readonly httpMaxConnectionDuration?: string;
  readonly httpMaxStreamDuration?: string;
  readonly httpMergeSlashes?: boolean;
  readonly httpPathWithEscapedSlashesAction?: "PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED" | "KEEP_UNCHANGED" | "REJECT_REQUEST" | "UNESCAPE_AND_REDIRECT" | "UNESCAPE_AND_FORWARD";
  readonly httpRequestHeadersTimeout?: string;
  readonly httpRequestTimeout?: string;
  readonly httpStreamIdleTimeout?: string;
  readonly listenerConnectionLimit?: number;
  readonly listenerPerConnectionBufferLimitBytes?: number;
  readonly profile?: "SIDECAR" | "EDGE";
}

export interface ProxyConfigEnvoyAccessLogService {
  readonly address?: string;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly tlsSettings?: MeshConfigCaTlsSettings;
}

export interface TcpKeepalive {
  readonly interval?: string;
  readonly probes?: number;
  readonly time?: string;
}

export interface Topology {
  readonly forwardClientCertDetails?: "UNDEFINED" | "SANITIZE" | "FORWARD_ONLY" | "APPEND_FORWARD" | "SANITIZE_SET" | "ALWAYS_FORWARD_ONLY";
  readonly numTrustedProxies?: number;
  readonly proxyProtocol?: TopologyProxyProtocol;
}

export interface TopologyProxyProtocol {
}

export interface ProxyConfigImage {
  readonly imageType?: string;
}

export interface ProxyConfigPrivateKeyProvider {
  readonly cryptomb?: ProxyConfigPrivateKeyProviderCryptomb;
  readonly qat?: ProxyConfigPrivateKeyProviderCryptomb;
}

export interface ProxyConfigPrivateKeyProviderCryptomb {
  readonly fallback?: boolean;
  readonly pollDelay?: string;
}

export interface ProxyHeaders {
  readonly attemptCount?: ProxyHeadersAttemptCount;
  readonly envoyDebugHeaders?: ProxyHeadersAttemptCount;
  readonly forwardedClientCert?: "UNDEFINED" | "SANITIZE" | "FORWARD_ONLY" | "APPEND_FORWARD" | "SANITIZE_SET" | "ALWAYS_FORWARD_ONLY";
  readonly metadataExchangeHeaders?: ProxyHeadersMetadataExchangeHeaders;
  readonly preserveHttp1HeaderCase?: boolean;
  readonly requestId?: ProxyHeadersAttemptCount;
  readonly server?: ProxyHeadersServer;
  readonly setCurrentClientCertDetails?: SetCurrentClientCertDetails;
  readonly xForwardedHost?: ProxyHeadersXForwardedHost;
  readonly xForwardedPort?: ProxyHeadersXForwardedHost;
}

export interface ProxyHeadersAttemptCount {
  readonly disabled?: boolean;
}

export interface ProxyHeadersMetadataExchangeHeaders {
  readonly mode?: "UNDEFINED" | "IN_MESH";
}

export interface ProxyHeadersServer {
  readonly disabled?: boolean;
  readonly value?: string;
}

export interface SetCurrentClientCertDetails {
  readonly cert?: boolean;
  readonly chain?: boolean;
  readonly dns?: boolean;
  readonly subject?: boolean;
  readonly uri?: boolean;
}

export interface ProxyHeadersXForwardedHost {
  readonly enabled?: boolean;
}

export interface ProxyStatsMatcher {
  readonly inclusionPrefixes?: readonly string[];
  readonly inclusionRegexps?: readonly string[];
  readonly inclusionSuffixes?: readonly string[];
}

export interface ProxyConfigReadinessProbe {
  readonly exec?: ProxyConfigReadinessProbeExec;
  readonly failureThreshold?: number;
  readonly grpc?: ProxyConfigReadinessProbeGrpc;
  readonly httpGet?: ProxyConfigReadinessProbeHttpGet;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly tcpSocket?: ProxyConfigReadinessProbeTcpSocket;
  readonly timeoutSeconds?: number;
}

export interface ProxyConfigReadinessProbeExec {
  readonly command?: readonly string[];
}

export interface ProxyConfigReadinessProbeGrpc {
  readonly port?: number;
  readonly service?: string;
}

export interface ProxyConfigReadinessProbeHttpGet {
  readonly host?: string;
  readonly httpHeaders?: readonly ProxyConfigReadinessProbeHttpGetHttpHeaders[];
  readonly path?: string;
  readonly port?: number;
  readonly scheme?: string;
}

export interface ProxyConfigReadinessProbeHttpGetHttpHeaders {
  readonly name?: string;
  readonly value?: string;
}

export interface ProxyConfigReadinessProbeTcpSocket {
  readonly host?: string;
  readonly port?: number;
}

export interface ProxyConfigSds {
  readonly enabled?: boolean;
  readonly k8sSaJwtPath?: string;
}

export interface ProxyTracing {
  readonly customTags?: Readonly<Record<string, ProxyTracingCustomTags>>;
  readonly datadog?: ProxyTracingDatadog;
  readonly enableIstioTags?: boolean;
  readonly lightstep?: ProxyTracingLightstep;
  readonly maxPathTagLength?: number;
  readonly openCensusAgent?: ProxyTracingOpenCensusAgent;
  readonly sampling?: number;
  readonly stackdriver?: ProxyTracingStackdriver;
  readonly tlsSettings?: MeshConfigCaTlsSettings;
  readonly zipkin?: ProxyTracingDatadog;
}

export interface ProxyTracingCustomTags {
  readonly environment?: ProxyTracingCustomTagsEnvironment;
  readonly header?: ProxyTracingCustomTagsEnvironment;
  readonly literal?: ProxyTracingCustomTagsLiteral;
}

export interface ProxyTracingCustomTagsEnvironment {
  readonly defaultValue?: string;
  readonly name?: string;
}

export interface ProxyTracingCustomTagsLiteral {
  readonly value?: string;
}

export interface ProxyTracingDatadog {
  readonly address?: string;
}

export interface ProxyTracingLightstep {
  readonly accessToken?: string;
  readonly address?: string;
}

export interface ProxyTracingOpenCensusAgent {
  readonly address?: string;
  readonly context?: readonly ("UNSPECIFIED" | "W3C_TRACE_CONTEXT" | "GRPC_BIN" | "CLOUD_TRACE_CONTEXT" | "B3")[];
}

export interface ProxyTracingStackdriver {
  readonly debug?: boolean;
  readonly maxNumberOfAnnotations?: number;
  readonly maxNumberOfAttributes?: number;
  readonly maxNumberOfMessageEvents?: number;
}

export interface HTTPRetry {
  readonly attempts?: number;
  readonly backoff?: string;
  readonly perTryTimeout?: string;
  readonly retryIgnorePreviousHosts?: boolean;
  readonly retryOn?: string;
  readonly retryRemoteLocalities?: boolean;
}

export interface MeshConfigDefaultProviders {
  readonly accessLogging?: readonly string[];
  readonly metrics?: readonly string[];
  readonly tracing?: readonly string[];
}

export interface DefaultTrafficPolicy {
  readonly connectionPool?: DefaultTrafficPolicyConnectionPool;
  readonly outlierDetection?: DefaultTrafficPolicyOutlierDetection;
}

export interface DefaultTrafficPolicyConnectionPool {
  readonly http?: DefaultTrafficPolicyConnectionPoolHttp;
  readonly tcp?: DefaultTrafficPolicyConnectionPoolTcp;
}

export interface DefaultTrafficPolicyConnectionPoolHttp {
  readonly h2UpgradePolicy?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
  readonly http1MaxPendingRequests?: number;
  readonly http2KeepAlive?: DefaultTrafficPolicyConnectionPoolHttpHttp2KeepAlive;
  readonly http2MaxRequests?: number;
  readonly idleTimeout?: string;
  readonly maxConcurrentStreams?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxRetries?: number;
  readonly useClientProtocol?: boolean;
}

export interface DefaultTrafficPolicyConnectionPoolHttpHttp2KeepAlive {
  readonly interval?: string;
  readonly timeout?: string;
}

export interface DefaultTrafficPolicyConnectionPoolTcp {
  readonly connectTimeout?: string;
  readonly idleTimeout?: string;
  readonly maxConnectionDuration?: string;
  readonly maxConnections?: number;
  readonly tcpKeepalive?: TcpKeepalive;
}

export interface DefaultTrafficPolicyOutlierDetection {
  readonly baseEjectionTime?: string;
  readonly consecutive5xxErrors?: number;
  readonly consecutiveErrors?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly consecutiveLocalOriginFailures?: number;
  readonly interval?: string;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
  readonly outlierDetectionHttpErrorCodes?: readonly number[];
  readonly splitExternalLocalOriginErrors?: boolean;
}

export interface LabelSelector {
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface LabelSelectorRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

export interface ExtensionProvider {
  readonly datadog?: ExtensionProviderDatadog;
  readonly envoyExtAuthzGrpc?: ExtensionProviderEnvoyExtAuthzGrpc;
  readonly envoyExtAuthzHttp?: ExtensionProviderEnvoyExtAuthzHttp;
  readonly envoyFileAccessLog?: ExtensionProviderEnvoyFileAccessLog;
  readonly envoyHttpAls?: ExtensionProviderEnvoyHttpAls;
  readonly envoyOtelAls?: ExtensionProviderEnvoyOtelAls;
  readonly envoyTcpAls?: ExtensionProviderEnvoyTcpAls;
  readonly lightstep?: ExtensionProviderLightstep;
  readonly name?: string;
  readonly opencensus?: ExtensionProviderOpencensus;
  readonly opentelemetry?: OpenTelemetryTracingProvider;
  readonly prometheus?: TopologyProxyProtocol;
  readonly sds?: ExtensionProviderSds;
  readonly skywalking?: ExtensionProviderSkywalking;
  readonly stackdriver?: ExtensionProviderStackdriver;
  readonly zipkin?: ZipkinTracingProvider;
}

export interface ExtensionProviderDatadog {
  readonly maxTagLength?: number;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderEnvoyExtAuthzGrpc {
  readonly clearRouteCache?: boolean;
  readonly failOpen?: boolean;
  readonly includeRequestBodyInCheck?: ExtensionProviderEnvoyExtAuthzGrpcIncludeRequestBodyInCheck;
  readonly port?: number;
  readonly service?: string;
  readonly statusOnError?: string;
  readonly timeout?: string;
}

export interface ExtensionProviderEnvoyExtAuthzGrpcIncludeRequestBodyInCheck {
  readonly allowPartialMessage?: boolean;
  readonly maxRequestBytes?: number;
  readonly packAsBytes?: boolean;
}

export interface ExtensionProviderEnvoyExtAuthzHttp {
  readonly clearRouteCache?: boolean;
  readonly failOpen?: boolean;
  readonly headersToDownstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;
  readonly includeHeadersInCheck?: readonly string[];
  readonly includeRequestBodyInCheck?: ExtensionProviderEnvoyExtAuthzGrpcIncludeRequestBodyInCheck;
  readonly includeRequestHeadersInCheck?: readonly string[];
  readonly pathPrefix?: string;
  readonly port?: number;
  readonly service?: string;
  readonly statusOnError?: string;
  readonly timeout?: string;
}

export interface ExtensionProviderEnvoyFileAccessLog {
  readonly logFormat?: ExtensionProviderEnvoyFileAccessLogLogFormat;
  readonly omitEmptyValues?: boolean;
  readonly path?: string;
}

export interface ExtensionProviderEnvoyFileAccessLogLogFormat {
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly text?: string;
}

export interface ExtensionProviderEnvoyHttpAls {
  readonly additionalRequestHeadersToLog?: readonly string[];
  readonly additionalResponseHeadersToLog?: readonly string[];
  readonly additionalResponseTrailersToLog?: readonly string[];
  readonly filterStateObjectsToLog?: readonly string[];
  readonly logName?: string;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderEnvoyOtelAls {
  readonly logFormat?: ExtensionProviderEnvoyFileAccessLogLogFormat;
  readonly logName?: string;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderEnvoyTcpAls {
  readonly filterStateObjectsToLog?: readonly string[];
  readonly logName?: string;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderLightstep {
  readonly accessToken?: string;
  readonly maxTagLength?: number;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderOpencensus {
  readonly context?: readonly ("UNSPECIFIED" | "W3C_TRACE_CONTEXT" | "GRPC_BIN" | "CLOUD_TRACE_CONTEXT" | "B3")[];
  readonly maxTagLength?: number;
  readonly port?: number;
  readonly service?: string;
}

export interface OpenTelemetryTracingProvider {
  readonly dynatraceSampler?: OpenTelemetryTracingProviderDynatraceSampler;
  readonly grpc?: OpenTelemetryTracingProviderGrpc;
  readonly http?: OpenTelemetryTracingProviderDynatraceSamplerHttpServiceHttp;
  readonly maxTagLength?: number;
  readonly port?: number;
  readonly resourceDetectors?: OpenTelemetryTracingProviderResourceDetectors;
  readonly service?: string;
  readonly serviceAttributeEnrichment?: "ISTIO_CANONICAL" | "OTEL_SEMANTIC_CONVENTIONS";
}

export interface OpenTelemetryTracingProviderDynatraceSampler {
  readonly clusterId?: number;
  readonly httpService?: OpenTelemetryTracingProviderDynatraceSamplerHttpService;
  readonly rootSpansPerMinute?: number;
  readonly tenant?: string;
}

export interface OpenTelemetryTracingProviderDynatraceSamplerHttpService {
  readonly http?: OpenTelemetryTracingProviderDynatraceSamplerHttpServiceHttp;
  readonly port?: number;
  readonly service?: string;
}

export interface OpenTelemetryTracingProviderDynatraceSamplerHttpServiceHttp {
  readonly headers?: readonly HttpHeader[];
  readonly path?: string;
  readonly timeout?: string;
}

export interface HttpHeader {
  readonly envName?: string;
  readonly name?: string;
  readonly value?: string;
}

export interface OpenTelemetryTracingProviderGrpc {
  readonly initialMetadata?: readonly HttpHeader[];
  readonly timeout?: string;
}

export interface OpenTelemetryTracingProviderResourceDetectors {
  readonly dynatrace?: TopologyProxyProtocol;
  readonly environment?: TopologyProxyProtocol;
}

export interface ExtensionProviderSds {
  readonly name?: string;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderSkywalking {
  readonly accessToken?: string;
  readonly port?: number;
  readonly service?: string;
}

export interface ExtensionProviderStackdriver {
  readonly debug?: boolean;
  readonly logging?: ExtensionProviderStackdriverLogging;
  readonly maxNumberOfAnnotations?: number;
  readonly maxNumberOfAttributes?: number;
  readonly maxNumberOfMessageEvents?: number;
  readonly maxTagLength?: number;
}

export interface ExtensionProviderStackdriverLogging {
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ZipkinTracingProvider {
  readonly enable64bitTraceId?: boolean;
  readonly headers?: readonly HttpHeader[];
  readonly maxTagLength?: number;
  readonly path?: string;
  readonly port?: number;
  readonly service?: string;
  readonly timeout?: string;
  readonly traceContextOption?: "USE_B3" | "USE_B3_WITH_W3C_PROPAGATION";
}

export interface MeshConfigInboundTrafficPolicy {
  readonly mode?: "PASSTHROUGH" | "LOCALHOST";
}

export interface MeshConfigLocalityLbSetting {
  readonly distribute?: readonly MeshConfigLocalityLbSettingDistribute[];
  readonly enabled?: boolean;
  readonly failover?: readonly MeshConfigLocalityLbSettingFailover[];
  readonly failoverPriority?: readonly string[];
}

export interface MeshConfigLocalityLbSettingDistribute {
  readonly from?: string;
  readonly to?: Readonly<Record<string, number>>;
}

export interface MeshConfigLocalityLbSettingFailover {
  readonly from?: string;
  readonly to?: string;
}

export interface MeshConfigMeshMTLS {
  readonly cipherSuites?: readonly string[];
  readonly ecdhCurves?: readonly string[];
  readonly minProtocolVersion?: "TLS_AUTO" | "TLSV1_2" | "TLSV1_3";
}

export interface MeshConfigOutboundTrafficPolicy {
  readonly mode?: "REGISTRY_ONLY" | "ALLOW_ANY" | "ALLOW_ANY_DYNAMIC_DNS";
  readonly tls?: MeshConfigCaTlsSettings;
}

export interface MeshConfigPathNormalization {
  readonly normalization?: "DEFAULT" | "NONE" | "BASE" | "MERGE_SLASHES" | "DECODE_AND_MERGE_SLASHES";
}

export interface MeshConfigServiceEntryVisibility {
  readonly applyToSidecars?: boolean;
  readonly defaultVisibility?: "VISIBILITY_UNSPECIFIED" | "NONE" | "NAMESPACE" | "PUBLIC";
  readonly policies?: readonly MeshConfigServiceEntryVisibilityPolicies[];
}

export interface MeshConfigServiceEntryVisibilityPolicies {
  readonly matchingRules?: readonly MeshConfigServiceEntryVisibilityPoliciesMatchingRules[];
  readonly visibility?: "VISIBILITY_UNSPECIFIED" | "NONE" | "NAMESPACE" | "PUBLIC";
}

export interface MeshConfigServiceEntryVisibilityPoliciesMatchingRules {
  readonly namespaceSelector?: LabelSelector;
}

export interface MeshConfigServiceScopeConfigs {
  readonly namespaceSelector?: LabelSelector;
  readonly scope?: "LOCAL" | "GLOBAL";
  readonly servicesSelector?: LabelSelector;
}

export interface MeshConfigServiceSettings {
  readonly hosts?: readonly string[];
  readonly settings?: MeshConfigServiceSettingsSettings;
}

export interface MeshConfigServiceSettingsSettings {
  readonly clusterLocal?: boolean;
}

export interface MeshConfigZoneAwareLbSetting {
  readonly enabled?: boolean;
  readonly failover?: readonly MeshConfigLocalityLbSettingFailover[];
  readonly failoverPriority?: readonly string[];
  readonly minClusterSize?: number;
}
