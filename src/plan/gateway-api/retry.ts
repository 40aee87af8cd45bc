import type { HTTPRetry } from "../../gen/istio/virtual-service.ts";
import { type Retry, retry } from "../route/retry.ts";
import type { GatewayRule } from "./rules.ts";

/** Failures before an answer, which a rule with `retry` asks to be tried again. Source: gateway-api.sigs.k8s.io/geps/gep-1731 */
const connectionErrors = ["connect-failure", "refused-stream", "reset", "unavailable", "cancelled"];

/** Retries and the time for all of them: what a rule says, else the mesh's own. */
export function retryOf(
  { retry: said, timeoutMs, backendTimeoutMs }: GatewayRule,
  fallback: HTTPRetry | undefined,
  consistentHash: boolean,
): { readonly retry?: Retry; readonly timeoutMs: number } {
  const { attempts = 0, codes = [], backoffMs } = said ?? {};
  const own: Retry = {
    attempts,
    on: codes.length > 0 ? [...connectionErrors, "retriable-status-codes"] : connectionErrors,
    statusCodes: codes,
    ...(backoffMs === undefined ? {} : { backoffMs }),
    avoidPreviousHosts: !consistentHash,
    remoteLocalities: false,
  };
  const chosen = said === undefined ? retry(undefined, fallback, consistentHash) : attempts > 0 ? own : undefined;
  // Without retries the one try is the request.
  if (chosen === undefined) return { timeoutMs: shorter(timeoutMs, backendTimeoutMs) };
  if (backendTimeoutMs === 0) return { retry: chosen, timeoutMs };
  return { retry: { ...chosen, perTryTimeoutMs: backendTimeoutMs }, timeoutMs };
}

/** 0 is no limit. */
function shorter(a: number, b: number): number {
  return a === 0 || b === 0 ? a + b : Math.min(a, b);
}
