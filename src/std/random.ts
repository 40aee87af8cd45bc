/** Randomness, handed in. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** Bytes fit for keys and tokens. */
  bytes(length: number): Uint8Array;
}
