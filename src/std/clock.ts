/** Time, handed in everywhere so that a simulator can run the program from a seed. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}
