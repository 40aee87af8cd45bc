import type { FallbackSpec } from "../../gen/weft/fallback.ts";
import type { Retry } from "./retry.ts";

/** Who answers for a destination when it cannot. */
export interface Fallback {
  /** The cluster of the destination and those after it; absent where there is only a response. */
  readonly cluster?: string;
  /** How many come after it. */
  readonly others: number;
  readonly onServerError?: "Idempotent" | "Always";
  /** In place of the proxy's own 502, 503 and 504. */
  readonly response?: NonNullable<FallbackSpec["response"]>;
}

/** Answers of these say that the server failed. */
const serverErrors = [500, 502, 503, 504];

/**
 * Retries of a route whose destinations fall back: each goes on to the next in order. Where the route has none, none are added, so that nothing is
 * sent twice that must not be; then only a destination without a healthy endpoint is passed over. Server errors count where every destination
 * says so.
 */
export function fallingBack(
  retry: Retry | undefined,
  destinations: readonly { readonly fallback?: Fallback }[],
): { readonly retry?: Retry; readonly idempotentRetry?: Retry } {
  const all = destinations.flatMap((d) => (d.fallback?.cluster === undefined ? [] : [d.fallback]));
  if (retry === undefined || all.length === 0) return retry === undefined ? {} : { retry };
  const onward: Retry = {
    ...retry,
    attempts: Math.max(retry.attempts, ...all.map(({ others }) => others)),
    nextInOrder: true,
  };
  const whole = all.length === destinations.length;
  const failing = {
    ...onward,
    on: [...new Set([...retry.on, "reset", "retriable-status-codes"])],
    statusCodes: [...new Set([...retry.statusCodes, ...serverErrors])],
  };
  if (whole && all.every((f) => f.onServerError === "Always")) return { retry: failing };
  if (whole && all.every((f) => f.onServerError !== undefined)) return { retry: onward, idempotentRetry: failing };
  return { retry: onward };
}
