import type { HostOptions } from "./options.ts";
import { type PodIdentity, writeToken } from "./pod-files.ts";
import type { Workload } from "./workload.ts";

/**
 * Puts a Pod's token where its Envoy reads it, and puts a new one there when two thirds of its time are over, until `signal` aborts.
 * Rejects when there is no first token.
 */
export async function keepToken(
  options: HostOptions,
  workload: Workload,
  pod: PodIdentity,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  if (options.xds.rootCertFile === undefined) return;
  const { trustDomain, clock, log } = options;
  const identity = { trustDomain, namespace: pod.namespace, serviceAccount: workload.serviceAccount };
  const again = async () => {
    const token = await options.tokenFor(identity, pod);
    if (signal.aborted) return;
    writeToken(folder, token);
    later(Math.max(1000, ((expiry(token, clock.now()) - clock.now()) * 2) / 3));
  };
  const later = (ms: number) => {
    // Timers hold 31 bits of milliseconds.
    const cancel = clock.after(Math.min(ms, 2 ** 31 - 1), () => {
      again().catch((error: unknown) => {
        log.warn("a new token could not be had; it is tried again in 5 s", { pod: pod.name, error: String(error) });
        later(5000);
      });
    });
    signal.addEventListener("abort", cancel, { once: true });
  };
  await again();
}

/** When a JWT expires, in milliseconds since the epoch; in an hour where it does not say. */
function expiry(token: string, now: number): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { exp?: number };
    if (claims.exp !== undefined) return claims.exp * 1000;
  } catch {
    // Not a JWT: whoever made it knows what it is.
  }
  return now + 3_600_000;
}
