// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), security.istio.io/v1; do not edit.
/** Request authentication configuration for workloads. */
export interface RequestAuthenticationSpec {
  /** Define the list of JWTs that can be validated at the selected workloads' proxy. */
  readonly jwtRules?: readonly JWTRule[];
  /** Optional. */
  readonly selector?: RequestAuthenticationSelector;
  readonly targetRef?: PolicyTargetReference;
  /** Optional. */
  readonly targetRefs?: readonly PolicyTargetReference[];
}

export interface JWTRule {
  /** The list of JWT [audiences](https://tools.ietf.org/html/rfc7519#section-4.1.3) that are allowed to access. */
  readonly audiences?: readonly string[];
  /** If set to true, the original token will be kept for the upstream request. */
  readonly forwardOriginalToken?: boolean;
  /** List of cookie names from which JWT is expected. */
  readonly fromCookies?: readonly string[];
  /** List of header locations from which JWT is expected. */
  readonly fromHeaders?: readonly JWTHeader[];
  /** List of query parameters from which JWT is expected. */
  readonly fromParams?: readonly string[];
  /** Identifies the issuer that issued the JWT. */
  readonly issuer?: string;
  /** JSON Web Key Set of public keys to validate signature of the JWT. */
  readonly jwks?: string;
  /** URL of the provider's public key set to validate signature of the JWT. */
  readonly jwks_uri?: string;
  /** URL of the provider's public key set to validate signature of the JWT. */
  readonly jwksUri?: string;
  /** This field specifies a list of operations to copy the claim to HTTP headers on a successfully verified token. */
  readonly outputClaimToHeaders?: readonly JWTRuleOutputClaimToHeaders[];
  /** This field specifies the header name to output a successfully verified JWT payload to the backend. */
  readonly outputPayloadToHeader?: string;
  /** List of JWT claim names that should be treated as space-delimited strings. */
  readonly spaceDelimitedClaims?: readonly string[];
  /** The maximum amount of time that the resolver, determined by the PILOT_JWT_ENABLE_REMOTE_JWKS environment variable, will spend waiting for the JWKS to be fetched. */
  readonly timeout?: string;
}

export interface JWTHeader {
  /** The HTTP header name. */
  readonly name: string;
  /** The prefix that should be stripped before decoding the token. */
  readonly prefix?: string;
}

export interface JWTRuleOutputClaimToHeaders {
  /** The name of the claim to be copied from. */
  readonly claim: string;
  /** The name of the header to be created. */
  readonly header: string;
}

/** Optional. */
export interface RequestAuthenticationSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface PolicyTargetReference {
  /** group is the group of the target resource. */
  readonly group?: string;
  /** kind is kind of the target resource. */
  readonly kind: string;
  /** name is the name of the target resource. */
  readonly name: string;
  /** namespace is the namespace of the referent. */
  readonly namespace?: string;
}
