import type { HTTPRetry } from "../../gen/istio/virtual-service.ts";
import { durationMs } from "../mesh.ts";

/** When a request is tried again. */
export interface Retry {
  /** Retries after the first try. */
  readonly attempts: number;
  /** Conditions in Envoy's words, which are Istio's API too. */
  readonly on: readonly string[];
  readonly statusCodes: readonly number[];
  /** Milliseconds for each try; absent: what is left of the timeout. */
  readonly perTryTimeoutMs?: number;
  /** Milliseconds before the first retry; absent: the proxy's 25 ms. */
  readonly backoffMs?: number;
  /** Prefer hosts that were not tried yet. */
  readonly avoidPreviousHosts: boolean;
  /** Go on to other localities after the own one was tried. */
  readonly remoteLocalities: boolean;
  /** Each retry goes on to the next of a Fallback's clusters. */
  readonly nextInOrder?: boolean;
}

/** Source: Istio's default since 503 was taken out of it; safe for requests that must not happen twice. */
const defaultConditions = ["connect-failure", "refused-stream", "unavailable", "cancelled"];

/**
 * The retries of a route. None said means the mesh's own policy (`meshConfig.defaultHttpRetryPolicy`), else 2 retries of what surely did not
 * reach the application; `attempts: 0` means none. Under consistent hashing a retry goes to the same host unless the rule says otherwise.
 */
export function retry(
  said: HTTPRetry | undefined,
  fallback: HTTPRetry | undefined,
  consistentHash: boolean,
): Retry | undefined {
  const policy = said ?? fallback;
  if (policy !== undefined && !(policy.attempts !== undefined && policy.attempts > 0)) return undefined;
  const { on, statusCodes } = policy?.retryOn ? conditions(policy.retryOn) : { on: defaultConditions, statusCodes: [] };
  const perTry = policy?.perTryTimeout === undefined ? undefined : durationMs(policy.perTryTimeout);
  const backoff = policy?.backoff === undefined ? undefined : durationMs(policy.backoff);
  return {
    attempts: policy?.attempts ?? 2,
    on,
    statusCodes,
    ...(perTry === undefined ? {} : { perTryTimeoutMs: perTry }),
    ...(backoff === undefined ? {} : { backoffMs: backoff }),
    avoidPreviousHosts: policy?.retryIgnorePreviousHosts ?? !consistentHash,
    remoteLocalities: policy?.retryRemoteLocalities === true,
  };
}

/** `5xx,gateway-error,418`: numbers are status codes, which need a condition of their own. */
function conditions(retryOn: string): { readonly on: readonly string[]; readonly statusCodes: readonly number[] } {
  const parts = retryOn
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const statusCodes = parts.filter((part) => /^[1-5]\d\d$/.test(part)).map(Number);
  const on = parts.filter((part) => !/^\d+$/.test(part));
  if (statusCodes.length > 0 && !on.includes("retriable-status-codes")) on.push("retriable-status-codes");
  return { on, statusCodes };
}
