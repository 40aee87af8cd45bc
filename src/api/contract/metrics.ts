/**
 * `GET /api/v1/metrics?nodes=ID,ID|host=HOST&direction=inbound|outbound&metric=rate|errors|avg|p50|p95|p99|bytes&by=GROUP[&reporter=source|destination]&from=&to=&step=`:
 * one metric of what some workloads receive or send, or of what is asked of a host, one line for each value of `by`.
 */
export interface GroupedSeries {
  /** `requests/s`, `share`, `ms`, `bytes/s`. */
  readonly unit: string;
  /** The most first; what is beyond a dozen is left out. */
  readonly groups: readonly {
    readonly name: string;
    readonly points: readonly (readonly [time: number, value: number | null])[];
  }[];
  /** How many groups were left out. */
  readonly more: number;
}
