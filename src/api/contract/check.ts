/** How a check ended. */
export type Outcome = "ok" | "warning" | "failed" | "skipped";

/** One thing that is to be so. */
export interface CheckResult {
  readonly category: string;
  /** What was to be so: `can query the API server`. */
  readonly name: string;
  readonly outcome: Outcome;
  /** What is so instead, where it is. */
  readonly says?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** `GET /api/v1/check`: what the control plane can tell of itself and of its proxies, as `weft check` prints it. */
export interface CheckAnswer {
  readonly items: readonly CheckResult[];
}
