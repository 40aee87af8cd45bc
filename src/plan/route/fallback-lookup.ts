import type { Scope } from "../../track/scope.ts";
import { fallbackSays } from "../cluster/fallback.ts";
import type { FallbackReach } from "../cluster/fallback-cluster.ts";
import type { Fallback } from "./fallback.ts";

/** What a destination's Fallback says. */
export function fallback(scope: Scope, reached: FallbackReach | undefined): Fallback | undefined {
  const says = reached === undefined ? undefined : scope.ask(fallbackSays, reached.by);
  if (reached === undefined || says === undefined) return undefined;
  const { onServerError, response } = says.spec;
  return {
    others: reached.others,
    ...(reached.cluster === undefined ? {} : { cluster: reached.cluster }),
    ...(onServerError === undefined ? {} : { onServerError }),
    ...(response === undefined ? {} : { response }),
  };
}
