/** Lets at most so many pieces of work run at a time; the others wait in the order they came. */
export interface InFlight {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** So that an API server that is slow, or just back, is not asked everything at once. */
export function inFlight(most: number): InFlight {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}
