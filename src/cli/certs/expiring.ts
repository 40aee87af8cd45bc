import type { CertificateSummary } from "../../api/contract/certificates.ts";

/** The part of its life that a certificate has left when its renewal, due at half of it, has plainly failed. */
const overdue = 0.25;

/** Why somebody should look at a certificate that has `within` milliseconds or less; undefined when all is well. */
export function worry(one: CertificateSummary, now: number, within: number): string | undefined {
  const left = one.notAfter - now;
  if (left <= 0) return one.state === "retiring" ? undefined : "is over";
  // Its successor signs already.
  if (one.state === "retiring") return undefined;
  if (!one.renewed) return left < within ? "ends soon, and is renewed by hand" : undefined;
  if (one.kind === "root") return left < within ? "ends soon, and was not replaced" : undefined;
  return left < (one.notAfter - one.notBefore) * overdue ? "should have been renewed by now" : undefined;
}

/** The first to end first. */
export function byEnd(all: readonly CertificateSummary[]): readonly CertificateSummary[] {
  const order = ["root", "intermediate", "control plane", "gateway", "workload"];
  const rank = ({ kind }: CertificateSummary) => order.indexOf(kind);
  return [...all].sort((a, b) => rank(a) - rank(b) || a.notAfter - b.notAfter || (a.name < b.name ? -1 : 1));
}
