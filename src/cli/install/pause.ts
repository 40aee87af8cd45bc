import type { Session } from "../session.ts";

/** Between two looks at what is waited for. */
const lookMs = 500;

/** A pause that answers false when the time is up or the user pressed Ctrl-C. */
export function pauseUntil({ deps }: Session, totalMs: number): () => Promise<boolean> {
  const { clock, interrupted } = deps;
  const end = clock.now() + totalMs;
  return () =>
    new Promise((resolve) => {
      if (interrupted.aborted || clock.now() >= end) return resolve(false);
      const cancel = clock.after(lookMs, () => {
        interrupted.removeEventListener("abort", stop);
        resolve(true);
      });
      const stop = () => {
        cancel();
        resolve(false);
      };
      interrupted.addEventListener("abort", stop, { once: true });
    });
}
