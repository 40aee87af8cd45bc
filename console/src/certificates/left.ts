import type { CertificateSummary } from "../../../src/api/contract/certificates.ts";
import type { Health } from "../../../src/api/contract/health.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Parts of the time ahead, by which certificates are counted: `[name, milliseconds up to its end]`. */
export const spans = [
  ["ended", 0],
  ["1 h", hour],
  ["6 h", 6 * hour],
  ["1 d", day],
  ["7 d", 7 * day],
  ["30 d", 30 * day],
  ["1 y", 365 * day],
  ["later", Number.POSITIVE_INFINITY],
] as const;

/** Which of `spans` a certificate ends in. */
export function spanOf(certificate: Pick<CertificateSummary, "notAfter">, now: number): (typeof spans)[number][0] {
  const left = certificate.notAfter - now;
  return spans.find(([, until]) => left <= until)?.[0] ?? "later";
}

/** One that Weft renews is bad only when it was not renewed in time: at a tenth of its life left. Others want a week's notice. */
export function healthOf({ notBefore, notAfter, renewed }: CertificateSummary, now: number): Health {
  if (notAfter <= now) return "failing";
  const left = notAfter - now;
  const notice = renewed ? (notAfter - notBefore) / 10 : 7 * day;
  return left < notice ? "degraded" : "healthy";
}

/** Share of its life that is over, 0 to 1. */
export function lived({ notBefore, notAfter }: CertificateSummary, now: number): number {
  return Math.min(1, Math.max(0, (now - notBefore) / Math.max(1, notAfter - notBefore)));
}
