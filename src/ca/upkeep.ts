import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Authority } from "./authority.ts";

/** How far time may be off after a pause before it is not believed. */
const JUMP_MS = 5 * 60_000;
/** For so long after a jump nothing is done that only the time asks for: whoever set the clock wrongly may set it back. */
const HOLD_MS = 10 * 60_000;

export interface UpkeepOptions {
  readonly authority: Pick<Authority, "look">;
  readonly clock: Clock;
  readonly log: Log;
  /** Between two looks at the home, in milliseconds. */
  readonly everyMs: number;
  /** The clock was set, or the machine slept: what waits for a time may look at it again. */
  readonly onJump?: () => void;
  /** The same, ten minutes later: what is made by a wrong time is of no use to those whose clocks are right. */
  readonly onSettled?: () => void;
}

/**
 * Looks at an authority's home again and again: what was changed there is taken over, what is due is done. Pauses are measured by timers, which a
 * clock that is set does not move; a time that does not fit them is not acted upon at once. The answer ends it.
 */
export function keepAuthority({ authority, clock, log, everyMs, ...options }: UpkeepOptions): () => void {
  let stopped = false;
  let hold = 0;
  let cancel = () => {};
  const wait = () => {
    const from = clock.now();
    cancel = clock.after(everyMs, () => {
      const off = clock.now() - from - everyMs;
      if (Math.abs(off) > JUMP_MS) {
        log.warn("the clock jumped, or this machine slept; roots stay as they are for ten minutes", { byMs: off });
        hold = HOLD_MS;
        options.onJump?.();
      } else if (hold > 0) {
        hold -= everyMs;
        if (hold <= 0) options.onSettled?.();
      }
      authority
        .look(hold > 0)
        .catch((error: Error) => log.error("the home of the authority was not looked at", { error: error.message }))
        .finally(() => {
          if (!stopped) wait();
        });
    });
  };
  wait();
  return () => {
    stopped = true;
    cancel();
  };
}
