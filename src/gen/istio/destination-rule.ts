// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting load balancing, outlier detection, etc. */
export interface DestinationRuleSpec {
  /** A list of namespaces to which this destination rule is exported. */
  readonly exportTo?: readonly string[];
  /** The name of a service from the service registry. */
  readonly host: string;
  /** One or more named sets that represent individual versions of a service. */
  readonly subsets?: readonly Subset[];
  /** Traffic policies to apply (load balancing policy, connection pool sizes, outlier detection). */
  readonly trafficPolicy?: TrafficPolicy;
  /** Criteria used to select the specific set of pods/VMs on which this `DestinationRule` configuration should be applied. */
  readonly workloadSelector?: WorkloadSelector;
}

export interface Subset {
  /** Labels apply a filter over the endpoints of a service in the service registry. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of the subset. */
  readonly name: string;
  /** Traffic policies that apply to this subset. */
  readonly trafficPolicy?: TrafficPolicy;
}

/** Traffic policies that apply to this subset. */
export interface TrafficPolicy {
  readonly connectionPool?: ConnectionPoolSettings;
  /** Settings controlling the load balancer algorithms. */
  readonly loadBalancer?: LoadBalancerSettings;
  readonly outlierDetection?: OutlierDetection;
  /** Traffic policies specific to individual ports. */
  readonly portLevelSettings?: readonly PortTrafficPolicy[];
  /** The upstream PROXY protocol settings. */
  readonly proxyProtocol?: ProxyProtocol;
  /** Specifies a limit on concurrent retries in relation to the number of active requests. */
  readonly retryBudget?: RetryBudget;
  /** TLS related settings for connections to the upstream service. */
  readonly tls?: ClientTLSSettings;
  /** Configuration of tunneling TCP over other transport or application layers for the host configured in the DestinationRule. */
  readonly tunnel?: TunnelSettings;
}

export interface ConnectionPoolSettings {
  /** HTTP connection pool settings. */
  readonly http?: HTTPSettings;
  /** Settings common to both HTTP and TCP upstream connections. */
  readonly tcp?: TCPSettings;
}

/** HTTP connection pool settings. */
export interface HTTPSettings {
  /** Specify if http1.1 connection should be upgraded to http2 for the associated destination. */
  readonly h2UpgradePolicy?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
  /** Maximum number of requests that will be queued while waiting for a ready connection pool connection. */
  readonly http1MaxPendingRequests?: number;
  /** Configure HTTP/2 PING frames for upstream connections. */
  readonly http2KeepAlive?: Http2KeepAlive;
  /** Maximum number of active requests to a destination. */
  readonly http2MaxRequests?: number;
  /** The idle timeout for upstream connection pool connections. */
  readonly idleTimeout?: string;
  /** The maximum number of concurrent streams allowed for a peer on one HTTP/2 connection. */
  readonly maxConcurrentStreams?: number;
  /** Maximum number of requests per connection to a backend. */
  readonly maxRequestsPerConnection?: number;
  /** Maximum number of retries that can be outstanding to all hosts in a cluster at a given time. */
  readonly maxRetries?: number;
  /** If set to true, client protocol will be preserved while initiating connection to backend. */
  readonly useClientProtocol?: boolean;
}

/** Configure HTTP/2 PING frames for upstream connections. */
export interface Http2KeepAlive {
  /** Send HTTP/2 PING frames at this interval. */
  readonly interval?: string;
  /** How long to wait for a response to an HTTP/2 PING frame before closing the connection. */
  readonly timeout?: string;
}

/** Settings common to both HTTP and TCP upstream connections. */
export interface TCPSettings {
  /** TCP connection timeout. */
  readonly connectTimeout?: string;
  /** The idle timeout for TCP connections. */
  readonly idleTimeout?: string;
  /** The maximum duration of a connection. */
  readonly maxConnectionDuration?: string;
  /** Maximum number of HTTP1 /TCP connections to a destination host. */
  readonly maxConnections?: number;
  /** If set then set SO_KEEPALIVE on the socket to enable TCP Keepalives. */
  readonly tcpKeepalive?: TcpKeepalive;
}

/** If set then set SO_KEEPALIVE on the socket to enable TCP Keepalives. */
export interface TcpKeepalive {
  /** The time duration between keep-alive probes. */
  readonly interval?: string;
  /** Maximum number of keepalive probes to send without response before deciding the connection is dead. */
  readonly probes?: number;
  /** The time duration a connection needs to be idle before keep-alive probes start being sent. */
  readonly time?: string;
}

/** Settings controlling the load balancer algorithms. */
export interface LoadBalancerSettings {
  /** Consistent Hash-based load balancing can be used to provide soft session affinity based on HTTP headers, cookies or other properties. */
  readonly consistentHash?: ConsistentHashLB;
  /** Locality load balancer settings. */
  readonly localityLbSetting?: LocalityLoadBalancerSetting;
  /** Standard load balancing algorithms that require no tuning. */
  readonly simple?: "UNSPECIFIED" | "LEAST_CONN" | "RANDOM" | "PASSTHROUGH" | "ROUND_ROBIN" | "LEAST_REQUEST";
  /** Represents the warmup configuration of Service. */
  readonly warmup?: WarmupConfiguration;
  /** Deprecated: use `warmup` instead. */
  readonly warmupDurationSecs?: string;
  /** Zone Aware load balancer settings. */
  readonly zoneAwareLbSetting?: ZoneAwareLoadBalancerSetting;
}

/** Consistent Hash-based load balancing can be used to provide soft session affinity based on HTTP headers, cookies or other properties. */
export interface ConsistentHashLB {
  /** Hash based on HTTP cookie. */
  readonly httpCookie?: HTTPCookie;
  /** Hash based on a specific HTTP header. */
  readonly httpHeaderName?: string;
  /** Hash based on a specific HTTP query parameter. */
  readonly httpQueryParameterName?: string;
  /** The Maglev load balancer implements consistent hashing to backend hosts. */
  readonly maglev?: MagLev;
  /** Deprecated. */
  readonly minimumRingSize?: number;
  /** The ring/modulo hash load balancer implements consistent hashing to backend hosts. */
  readonly ringHash?: RingHash;
  /** Hash based on the source IP address. */
  readonly useSourceIp?: boolean;
}

/** Hash based on HTTP cookie. */
export interface HTTPCookie {
  /** Additional attributes for the cookie. */
  readonly attributes?: readonly HTTPCookieAttribute[];
  /** Name of the cookie. */
  readonly name: string;
  /** Path to set for the cookie. */
  readonly path?: string;
  /** Lifetime of the cookie. */
  readonly ttl?: string;
}

export interface HTTPCookieAttribute {
  /** The name of the cookie attribute. */
  readonly name: string;
  /** The optional value of the cookie attribute. */
  readonly value?: string;
}

/** The Maglev load balancer implements consistent hashing to backend hosts. */
export interface MagLev {
  /** The table size for Maglev hashing. */
  readonly tableSize?: number;
}

/** The ring/modulo hash load balancer implements consistent hashing to backend hosts. */
export interface RingHash {
  /** The minimum number of virtual nodes to use for the hash ring. */
  readonly minimumRingSize?: number;
}

/** Locality load balancer settings. */
export interface LocalityLoadBalancerSetting {
  /** Optional: only one of distribute, failover or failoverPriority can be set. */
  readonly distribute?: readonly LocalityDistribute[];
  /** Enable locality load balancing. */
  readonly enabled?: boolean;
  /** Optional: only one of distribute, failover or failoverPriority can be set. */
  readonly failover?: readonly LocalityFailover[];
  /** failoverPriority is an ordered list of labels used to sort endpoints to do priority based load balancing. */
  readonly failoverPriority?: readonly string[];
}

export interface LocalityDistribute {
  /** Originating locality, '/' separated, e.g. */
  readonly from?: string;
  /** Map of upstream localities to traffic distribution weights. */
  readonly to?: Readonly<Record<string, number>>;
}

export interface LocalityFailover {
  /** Originating region. */
  readonly from?: string;
  /** Destination region the traffic will fail over to when endpoints in the 'from' region becomes unhealthy. */
  readonly to?: string;
}

/** Represents the warmup configuration of Service. */
export interface WarmupConfiguration {
  /** This parameter controls the speed of traffic increase over the warmup duration. */
  readonly aggression?: number;
  readonly duration: string;
  readonly minimumPercent?: number;
}

/** Zone Aware load balancer settings. */
export interface ZoneAwareLoadBalancerSetting {
  /** Enable zone aware load balancing. */
  readonly enabled?: boolean;
  /** Optional. */
  readonly failover?: readonly LocalityFailover[];
  /** failoverPriority is an ordered list of labels used to sort endpoints for priority-based load balancing. */
  readonly failoverPriority?: readonly string[];
  /** Minimum number of hosts in the upstream cluster's local region required for zone-aware load balancing to be enabled. */
  readonly minClusterSize?: number;
}

export interface OutlierDetection {
  /** Minimum ejection duration. */
  readonly baseEjectionTime?: string;
  /** Number of 5xx errors before a host is ejected from the connection pool. */
  readonly consecutive5xxErrors?: number;
  readonly consecutiveErrors?: number;
  /** Number of gateway errors before a host is ejected from the connection pool. */
  readonly consecutiveGatewayErrors?: number;
  /** The number of consecutive locally originated failures before ejection occurs. */
  readonly consecutiveLocalOriginFailures?: number;
  /** Time interval between ejection sweep analysis. */
  readonly interval?: string;
  /** Maximum % of hosts in the load balancing pool for the upstream service that can be ejected. */
  readonly maxEjectionPercent?: number;
  /** Outlier detection will be enabled as long as the associated load balancing pool has at least `minHealthPercent` hosts in healthy mode. */
  readonly minHealthPercent?: number;
  /** Specifies the HTTP response status codes that are treated as outlier detection errors. */
  readonly outlierDetectionHttpErrorCodes?: readonly number[];
  /** Determines whether to distinguish local origin failures from external errors. */
  readonly splitExternalLocalOriginErrors?: boolean;
}

export interface PortTrafficPolicy {
  readonly connectionPool?: ConnectionPoolSettings;
  /** Settings controlling the load balancer algorithms. */
  readonly loadBalancer?: LoadBalancerSettings;
  readonly outlierDetection?: OutlierDetection;
  /** Specifies the number of a port on the destination service on which this policy is being applied. */
  readonly port?: PortSelector;
  /** TLS related settings for connections to the upstream service. */
  readonly tls?: ClientTLSSettings;
}

/** Specifies the number of a port on the destination service on which this policy is being applied. */
export interface PortSelector {
  readonly number?: number;
}

/** TLS related settings for connections to the upstream service. */
export interface ClientTLSSettings {
  /** OPTIONAL: The path to the file containing certificate authority certificates to use in verifying a presented server certificate. */
  readonly caCertificates?: string;
  /** OPTIONAL: The path to the file containing the certificate revocation list (CRL) to use in verifying a presented server certificate. */
  readonly caCrl?: string;
  /** REQUIRED if mode is `MUTUAL`. */
  readonly clientCertificate?: string;
  /** The name of the secret that holds the TLS certs for the client including the CA certificates. */
  readonly credentialName?: string;
  /** `insecureSkipVerify` specifies whether the proxy should skip verifying the CA signature and SAN for the server certificate corresponding to the host. */
  readonly insecureSkipVerify?: boolean;
  /** Indicates whether connections to this port should be secured using TLS. */
  readonly mode?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
  /** REQUIRED if mode is `MUTUAL`. */
  readonly privateKey?: string;
  /** SNI string to present to the server during TLS handshake. */
  readonly sni?: string;
  /** A list of alternate names to verify the subject identity in the certificate. */
  readonly subjectAltNames?: readonly string[];
}

/** The upstream PROXY protocol settings. */
export interface ProxyProtocol {
  /** The PROXY protocol version to use. */
  readonly version?: "V1" | "V2";
}

/** Specifies a limit on concurrent retries in relation to the number of active requests. */
export interface RetryBudget {
  /** Specifies the duration in which requests will be considered when calculating the budget for retries. */
  readonly budgetInterval?: string;
  /** Specifies the minimum retry concurrency allowed for the retry budget. */
  readonly minRetryConcurrency?: number;
  /** Specifies the limit on concurrent retries as a percentage of the sum of active requests and active pending requests. */
  readonly percent?: number;
}

/** Configuration of tunneling TCP over other transport or application layers for the host configured in the DestinationRule. */
export interface TunnelSettings {
  /** Specifies which protocol to use for tunneling the downstream connection. */
  readonly protocol?: string;
  /** Specifies a host to which the downstream connection is tunneled. */
  readonly targetHost: string;
  /** Specifies a port to which the downstream connection is tunneled. */
  readonly targetPort: number;
}

/** Criteria used to select the specific set of pods/VMs on which this `DestinationRule` configuration should be applied. */
export interface WorkloadSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}
