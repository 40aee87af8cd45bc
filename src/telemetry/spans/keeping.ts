import type { Clock } from "../../std/clock.ts";

const second = 1000;

/**
 * Whether a trace is kept, so that no more than `rate` spans a second are: where more come, a share of the traces, each of them whole, as the
 * id decides. The share follows what came in the second before.
 */
export function keeping(rate: number, clock: Pick<Clock, "now">): (trace: string) => boolean {
  let since = clock.now();
  let came = 0;
  let taken = 0;
  let share = 1;
  return (trace) => {
    const now = clock.now();
    if (now - since >= second || now < since) {
      const perSecond = (came * second) / Math.max(second, now - since);
      share = perSecond > rate ? rate / perSecond : 1;
      since = now;
      came = 0;
      taken = 0;
    }
    came++;
    // The last digits are random in every format; the first may be a time.
    const place = Number.parseInt(trace.slice(-8), 16) / 0x1_0000_0000;
    if (place >= share || taken >= 2 * rate) return false;
    taken++;
    return true;
  };
}
