import type { Health } from "./health.ts";

/** `GET /api/v1/problems`: the worst things now, worst first; at most ten. */
export interface Problem {
  readonly health: Health;
  /** `reviews-v2 answers 503 to productpage since 14:03`. */
  readonly sentence: string;
  readonly since?: number;
  /** Path in the console that shows it. */
  readonly link: string;
}
