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
