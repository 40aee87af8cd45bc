/** Names and values of a time series: Istio's labels as the proxies report them. */
export type Labels = Readonly<Record<string, string>>;

/** What a histogram gained: how many observations fell into each bucket (not cumulative), and their sum. */
export interface Buckets {
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** One more than bounds: the last is what lies above them. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** By how much one series of a counter or histogram grew between two looks at it. */
export interface Increment {
  /** `istio_requests_total`, or a histogram's name without `_bucket`. */
  readonly name: string;
  readonly labels: Labels;
  /** A counter's growth; the number of observations of a histogram. Never negative. */
  readonly value: number;
  readonly buckets?: Buckets;
}
