import { KubernetesError } from "../kubernetes/error.ts";
import { backoff } from "../std/backoff.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told why it has to wait. */
  onRefused?(words: string): void;
}

/** Asks the API server until it answers; other faults, and a signal that aborts, are thrown. */
export async function untilAnswered<T>(what: string, ask: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, random, log, signal } = patience;
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      patience.onRefused?.(error.message);
      log.warn(`${what}: no answer yet`, { error: error.message });
      await pause(backoff(failures, 500, 15_000, random), clock, signal);
    }
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    signal?.addEventListener(
      "abort",
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}
