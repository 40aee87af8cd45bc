import type { HealthCounts } from "../../../src/api/contract/inventory.ts";

/** How many there are, however they are. */
export function totalOf({ healthy, degraded, failing, unknown }: HealthCounts): number {
  return healthy + degraded + failing + unknown;
}
