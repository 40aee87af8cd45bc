// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting network reachability of a sidecar. */
export interface SidecarSpec {
  /** Egress specifies the configuration of the sidecar for processing outbound traffic from the attached workload instance to other services in the mesh. */
  readonly egress?: readonly IstioEgressListener[];
  /** Settings controlling the volume of connections Envoy will accept from the network. */
  readonly inboundConnectionPool?: ConnectionPoolSettings;
  /** Ingress specifies the configuration of the sidecar for processing inbound traffic to the attached workload instance. */
  readonly ingress?: readonly IstioIngressListener[];
  /** Set the default behavior of the sidecar for handling outbound traffic from the application. */
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
  /** Criteria used to select the specific set of pods/VMs on which this `Sidecar` configuration should be applied. */
  readonly workloadSelector?: WorkloadSelector;
}

export interface IstioEgressListener {
  /** The IP(IPv4 or IPv6) or the Unix domain socket to which the listener should be bound to. */
  readonly bind?: string;
  /** When the bind address is an IP, the captureMode option dictates how traffic to the listener is expected to be captured (or not). */
  readonly captureMode?: "DEFAULT" | "IPTABLES" | "NONE";
  /** One or more service hosts exposed by the listener in `namespace/dnsName` format. */
  readonly hosts: readonly string[];
  /** The port associated with the listener. */
  readonly port?: SidecarPort;
}

/** The port associated with the listener. */
export interface SidecarPort {
  /** Label assigned to the port. */
  readonly name?: string;
  /** A valid non-negative integer port number. */
  readonly number?: number;
  /** The protocol exposed on the port. */
  readonly protocol?: string;
  readonly targetPort?: number;
}

/** Settings controlling the volume of connections Envoy will accept from the network. */
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

export interface IstioIngressListener {
  /** The IP(IPv4 or IPv6) to which the listener should be bound. */
  readonly bind?: string;
  /** The captureMode option dictates how traffic to the listener is expected to be captured (or not). */
  readonly captureMode?: "DEFAULT" | "IPTABLES" | "NONE";
  /** Settings controlling the volume of connections Envoy will accept from the network. */
  readonly connectionPool?: ConnectionPoolSettings;
  /** The IP endpoint or Unix domain socket to which traffic should be forwarded to. */
  readonly defaultEndpoint?: string;
  /** The port associated with the listener. */
  readonly port: SidecarPort;
  /** Set of TLS related options that will enable TLS termination on the sidecar for requests originating from outside the mesh. */
  readonly tls?: ServerTLSSettings;
}

/** Set of TLS related options that will enable TLS termination on the sidecar for requests originating from outside the mesh. */
export interface ServerTLSSettings {
  /** For mutual TLS, the name of the secret or the configmap that holds CA certificates. */
  readonly caCertCredentialName?: string;
  /** REQUIRED if mode is `MUTUAL` or `OPTIONAL_MUTUAL`. */
  readonly caCertificates?: string;
  /** OPTIONAL: The path to the file containing the certificate revocation list (CRL) to use in verifying a presented client side certificate. */
  readonly caCrl?: string;
  /** Optional: If specified, only support the specified cipher list. */
  readonly cipherSuites?: readonly string[];
  /** For gateways running on Kubernetes, the name of the secret that holds the TLS certs including the CA certificates. */
  readonly credentialName?: string;
  /** Same as CredentialName but for multiple certificates. */
  readonly credentialNames?: readonly string[];
  /** If set to true, the load balancer will send a 301 redirect for all http connections, asking the clients to use HTTPS. */
  readonly httpsRedirect?: boolean;
  /** Optional: If set to true, the proxy will try to validate the certificate, but even if the validation fails, it will allow the connection through. */
  readonly insecureSkipVerify?: boolean;
  /** Optional: Maximum TLS protocol version. */
  readonly maxProtocolVersion?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
  /** Optional: Minimum TLS protocol version. */
  readonly minProtocolVersion?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
  /** Optional: Indicates whether connections to this port should be secured using TLS. */
  readonly mode?: "PASSTHROUGH" | "SIMPLE" | "MUTUAL" | "AUTO_PASSTHROUGH" | "ISTIO_MUTUAL" | "OPTIONAL_MUTUAL";
  /** REQUIRED if mode is `SIMPLE` or `MUTUAL`. */
  readonly privateKey?: string;
  /** REQUIRED if mode is `SIMPLE` or `MUTUAL`. */
  readonly serverCertificate?: string;
  /** A list of alternate names to verify the subject identity in the certificate presented by the client. */
  readonly subjectAltNames?: readonly string[];
  /** Only one of `server_certificate`, `private_key` or `credential_name` or `credential_names` or `tls_certificates` should be specified. */
  readonly tlsCertificates?: readonly TLSCertificate[];
  /** An optional list of hex-encoded SHA-256 hashes of the authorized client certificates. */
  readonly verifyCertificateHash?: readonly string[];
  /** An optional list of base64-encoded SHA-256 hashes of the SPKIs of authorized client certificates. */
  readonly verifyCertificateSpki?: readonly string[];
}

export interface TLSCertificate {
  readonly caCertificates?: string;
  /** REQUIRED if mode is `SIMPLE` or `MUTUAL`. */
  readonly privateKey?: string;
  /** REQUIRED if mode is `SIMPLE` or `MUTUAL`. */
  readonly serverCertificate?: string;
}

/** Set the default behavior of the sidecar for handling outbound traffic from the application. */
export interface OutboundTrafficPolicy {
  readonly egressProxy?: Destination;
  /**  */
  readonly mode?: "REGISTRY_ONLY" | "ALLOW_ANY";
}

export interface Destination {
  /** The name of a service from the service registry. */
  readonly host: string;
  /** Specifies the port on the host that is being addressed. */
  readonly port?: DestinationPort;
  /** The name of a subset within the service. */
  readonly subset?: string;
}

/** Specifies the port on the host that is being addressed. */
export interface DestinationPort {
  readonly number?: number;
}

/** Criteria used to select the specific set of pods/VMs on which this `Sidecar` configuration should be applied. */
export interface WorkloadSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which the configuration should be applied. */
  readonly labels?: Readonly<Record<string, string>>;
}
