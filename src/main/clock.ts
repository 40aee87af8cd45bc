import type { Clock } from "../std/clock.ts";

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
