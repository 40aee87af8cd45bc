import type { X509Certificate } from "node:crypto";
import { isSelfSigned } from "./pem.ts";

/** `next`: trusted, and will sign; `active`: signs; `retiring`: trusted until its last leaf has expired; `trusted`: of somebody else. */
export type TrustState = "next" | "active" | "retiring" | "trusted";

/** A certificate for people. Times are milliseconds since the epoch. */
export interface CertificateStatus {
  readonly subject: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RootStatus extends CertificateStatus {
  readonly state: TrustState;
  readonly selfSigned: boolean;
  /** When a `next` one signs, when a `retiring` one is dropped; absent for others. */
  readonly until?: number;
}

/** How an authority is: what `weft certs` and the health of a control plane tell. */
export interface AuthorityStatus {
  readonly roots: readonly RootStatus[];
  /** Where another than a root signs: the signing certificate first, then those above it, without the root. */
  readonly chain: readonly CertificateStatus[];
  /** What is refused from being plugged in counts for nothing. */
  readonly from: "self-signed" | "plugged-in";
  /** Whether certificates are issued. */
  readonly signing: boolean;
  /** Which of its certificates end soon, a sentence each. */
  readonly ending: readonly string[];
  /** What is wrong, in words with the place and how to mend it; absent when all is well. */
  readonly trouble?: string;
}

export function certificateStatus(x509: X509Certificate): CertificateStatus {
  return {
    subject: x509.subject.split("\n").join(", "),
    serial: x509.serialNumber,
    notBefore: x509.validFromDate.getTime(),
    notAfter: x509.validToDate.getTime(),
  };
}

export function rootStatus(x509: X509Certificate, state: TrustState, until = 0): RootStatus {
  const timed = state === "next" || state === "retiring" ? { until } : {};
  return { ...certificateStatus(x509), state, selfSigned: isSelfSigned(x509), ...timed };
}
