import type { TapRequest } from "./tap.ts";

/**
 * `GET /api/v1/requests[?from=MS][&to=MS][&window=MS][&limit=200]` with the filters of `GET /api/v1/tap`: requests that were kept. These are those that failed or were
 * refused, connections, and those that somebody watched; for a day, and at most 20,000.
 */
export interface KeptRequests {
  readonly from: number;
  readonly to: number;
  /** The latest first. */
  readonly requests: readonly TapRequest[];
}
