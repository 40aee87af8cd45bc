import { backoff } from "../std/backoff.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

export interface ReconcileOptions {
  /** What it keeps right, for the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Makes the world as it should be; may be called again at any time. What it throws is logged, and it is tried again with growing pauses. */
  readonly once: () => Promise<void>;
}

/** Runs one thing whenever something has changed: never twice at a time, and once for many changes. */
export interface Reconciler {
  changed(): void;
  stop(): void;
}

/** Waits a little after a change, as more are likely to follow. */
const quietMs = 50;

export function reconciler({ name, clock, random, log, once }: ReconcileOptions): Reconciler {
  let cancel: (() => void) | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  let failures = 0;
  const plan = (ms: number) => {
    cancel?.();
    cancel = clock.after(ms, () => {
      cancel = undefined;
      void run();
    });
  };
  const run = async () => {
    if (stopped) return;
    running = true;
    again = false;
    try {
      await once();
      failures = 0;
    } catch (error) {
      // The same again and again is worth one line.
      if (failures === 0) log.warn(`${name}: not done yet`, { error: (error as Error).message });
      if (!stopped) plan(backoff(failures++, 1000, 60_000, random));
    }
    running = false;
    if (again && !stopped) plan(quietMs);
  };
  return {
    changed() {
      if (stopped) return;
      if (running) again = true;
      else if (cancel === undefined || failures === 0) plan(quietMs);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
