import { durationMs } from "../mesh.ts";

/** Milliseconds for a request with all its retries; 0, the default, is no limit. */
export function timeoutMs(timeout: string | undefined): number {
  return timeout === undefined ? 0 : (durationMs(timeout) ?? 0);
}
