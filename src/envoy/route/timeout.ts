import { duration } from "../any.ts";

/**
 * The timeout fields of a route action, always all of them: what is left out is 15 s. With `max_grpc_timeout` a gRPC call's own deadline
 * counts, up to the route's timeout; 0 is no limit for both.
 */
export function timeoutFields(timeoutMs: number) {
  return { timeout: duration(timeoutMs), maxGrpcTimeout: duration(timeoutMs) };
}
