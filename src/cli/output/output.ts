/** A stream of text that goes out. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters in a line of the terminal, where it is one. */
  readonly columns?: number | undefined;
}
