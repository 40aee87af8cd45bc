// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1; do not edit.
/** Configuration affecting edge load balancer. */
export interface GatewaySpec {
  /** One or more labels that indicate a specific set of pods/VMs on which this gateway configuration should be applied. */
  readonly selector?: Readonly<Record<string, string>>;
  /** A list of server specifications. */
  readonly servers?: readonly Server[];
}

export interface Server {
  /** The ip or the Unix domain socket to which the listener should be bound to. */
  readonly bind?: string;
  readonly defaultEndpoint?: string;
  /** One or more hosts exposed by this gateway. */
  readonly hosts: readonly string[];
  /** An optional name of the server, when set must be unique across all servers. */
  readonly name?: string;
  /** The Port on which the proxy should listen for incoming connections. */
  readonly port: GatewayPort;
  /** Set of TLS related options that govern the server's behavior. */
  readonly tls?: ServerTLSSettings;
}

/** The Port on which the proxy should listen for incoming connections. */
export interface GatewayPort {
  /** Label assigned to the port. */
  readonly name: string;
  /** A valid non-negative integer port number. */
  readonly number: number;
  /** The protocol exposed on the port. */
  readonly protocol: string;
  readonly targetPort?: number;
}

/** Set of TLS related options that govern the server's behavior. */
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
