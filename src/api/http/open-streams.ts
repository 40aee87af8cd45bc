import type { ServerResponse } from "node:http";
import { Refusal } from "./answer.ts";

/** How many answers of a kind go on at once. */
export class OpenStreams {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts an answer until it is closed. Throws a Refusal where there are too many already. */
  take(response: ServerResponse): void {
    if (this.#open >= this.#most)
      throw new Refusal(503, `${this.#most} such answers go on already`, "end some of them", { "retry-after": "5" });
    this.#open++;
    response.once("close", () => {
      this.#open--;
    });
  }
}
