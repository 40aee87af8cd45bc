import { queryOptions } from "@tanstack/react-query";
import type { CertificatesAnswer } from "../../../src/api/contract/certificates.ts";
import { get } from "../api/client.ts";

/** @param live whether each proxy's Envoy is asked what it has now; else what it was given is shown. */
export function certificatesQuery(live: boolean) {
  return queryOptions({
    queryKey: ["mesh", "certificates", live],
    queryFn: ({ signal }) => get<CertificatesAnswer>(live ? "certificates?live" : "certificates", signal),
  });
}
