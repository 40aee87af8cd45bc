import type { X509Certificate } from "node:crypto";
import { BasicConstraints, Certificate } from "pkijs";

// RFC 5280 4.2.1.3 and 4.2.1.9; RFC 8017 and 5758 for signatures that BoringSSL, and so Envoy, takes no more.
const KEY_USAGE = "2.5.29.15";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_CERT_SIGN = 0x04;
const weakSignatures: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10045.4.1",
]);

/** What Node does not tell of an authority's certificate. */
export interface AuthorityFacts {
  /** How many authorities may be below it, at most; undefined for any number. */
  readonly pathLength: number | undefined;
  /** False where its key usage leaves signing certificates out. */
  readonly maySign: boolean;
  /** Signed with MD2, MD5 or SHA-1. */
  readonly isWeak: boolean;
}

/** Throws where it cannot be read. */
export function factsOf(x509: X509Certificate): AuthorityFacts {
  const { extensions = [], signatureAlgorithm } = Certificate.fromBER(new Uint8Array(x509.raw));
  const value = (oid: string) => extensions.find(({ extnID }) => extnID === oid)?.extnValue.valueBlock.valueHexView;
  const basic = value(BASIC_CONSTRAINTS);
  const pathLength = basic && BasicConstraints.fromBER(basic).pathLenConstraint;
  const usage = value(KEY_USAGE);
  return {
    pathLength: typeof pathLength === "number" ? pathLength : undefined,
    // A bit string: tag, length, unused bits, then the bits from the left.
    maySign: usage === undefined || ((usage[3] ?? 0) & KEY_CERT_SIGN) !== 0,
    isWeak: weakSignatures.has(signatureAlgorithm.algorithmId),
  };
}
