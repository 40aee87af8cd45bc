import { X509Certificate } from "node:crypto";
import type { Authority } from "../ca/authority.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import type { Clock } from "../std/clock.ts";
import type { CertificateGauges } from "../telemetry/certificate-metrics.ts";

/** When the authority's certificates and those of its workloads end, as metrics show it. */
export function certificateGauges(
  authority: Pick<Authority, "roots">,
  svids: Pick<SvidStore, "all">,
  clock: Clock,
): CertificateGauges {
  const rootEnd = () => {
    const [root] = authority.roots;
    return root === undefined ? undefined : new X509Certificate(root).validToDate.getTime();
  };
  return {
    now: () => clock.now(),
    rootExpiresAt: rootEnd,
    chainExpiresAt: rootEnd,
    workloadsExpireAt: () => svids.all().map(({ notAfter }) => notAfter),
  };
}
