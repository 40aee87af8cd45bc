import { queryOptions } from "@tanstack/react-query";
import type { Audit } from "../../../src/api/contract/session.ts";
import { get } from "../api/client.ts";
import { repeated } from "../api/pace.ts";

/** Who tried to change what, the latest first. */
export const auditQuery = queryOptions({
  queryKey: ["audit"],
  queryFn: async ({ signal }) => (await get<Audit>("audit", signal)).records,
  refetchInterval: () => repeated(5000),
  retry: false,
});
