import type { Authority } from "../ca/authority.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import type { Clock } from "../std/clock.ts";
import type { CertificateGauges } from "../telemetry/certificate-metrics.ts";

/** When the authority's certificates and those of its workloads end, as metrics show it. */
export function certificateGauges(
  authority: Pick<Authority, "status">,
  svids: Pick<SvidStore, "all">,
  clock: Clock,
): CertificateGauges {
  const first = (ends: readonly number[]) => (ends.length === 0 ? undefined : Math.min(...ends));
  const signing = () =>
    authority
      .status()
      .roots.filter(({ state }) => state === "active")
      .map(({ notAfter }) => notAfter);
  return {
    now: () => clock.now(),
    rootExpiresAt: () => first(signing()),
    chainExpiresAt: () => first([...signing(), ...authority.status().chain.map(({ notAfter }) => notAfter)]),
    workloadsExpireAt: () => svids.all().map(({ notAfter }) => notAfter),
  };
}
