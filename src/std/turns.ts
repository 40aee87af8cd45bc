/** Long work in short slices, so that others of the same thread have their turn. */
export interface Turns {
  /** Whether this slice has lasted long enough: then `await next()`. */
  isOver(): boolean;
  next(): Promise<void>;
}

/** Milliseconds of a slice, nearly. */
const usualSlice = 8;

/** Slices of the event loop. */
export function turns(slice = usualSlice, now: () => number = () => performance.now()): Turns {
  let began = now();
  return {
    isOver: () => now() - began >= slice,
    async next() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      began = now();
    },
  };
}

/** Does work that yields wherever it may pause, in slices. */
export async function inTurns<T>(work: Generator<unknown, T>, pause: Turns = turns()): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
    if (pause.isOver()) await pause.next();
  }
}

/** Does the same at once. */
export function atOnce<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
  }
}
