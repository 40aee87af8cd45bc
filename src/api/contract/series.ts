/**
 * `GET /api/v1/series?node=ID | edge=ID&metric=rate|errors|avg|p50|p95|p99|bytes|sent|received&type=&from=&to=&step=` (step in seconds). Units: `requests/s`, `connections/s`,
 * `share`, `ms`, `bytes/s`. A null is a time that nobody looked at, or of which there is nothing to say (a latency without requests).
 */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly (readonly [time: number, value: number | null])[];
}
