/** A limit that fills evenly: one request more each `intervalMs`, up to `burst` at once. */
export interface Bucket {
  readonly key: string;
  readonly intervalMs: number;
  readonly burst: number;
  /** Has a say in whether the request passes; one without counts what passes it. */
  readonly binding: boolean;
}

/** What became of a request at one bucket. */
export interface Taken {
  readonly allowed: boolean;
  /** Requests that would pass at once, after this one. */
  readonly remaining: number;
  /** Milliseconds until the next would pass; 0 where it would at once. */
  readonly waitMs: number;
}

/** Where buckets are kept. */
export interface Counters {
  /** One request at several buckets: counted in each, or, where a binding one has no room, in none of them. Rejects where they cannot be reached. */
  take(buckets: readonly Bucket[]): Promise<readonly Taken[]>;
  close(): Promise<void>;
}

/**
 * The generic cell rate algorithm: of a bucket only the time is kept at which it is full again. `fullAt` and `now` are milliseconds; undefined:
 * nobody knows of it, it is full. Answers what to keep if the request counts.
 */
export function take(
  bucket: Pick<Bucket, "intervalMs" | "burst">,
  fullAt: number | undefined,
  now: number,
): Taken & { readonly fullAt: number } {
  const { intervalMs, burst } = bucket;
  const base = Math.max(fullAt ?? now, now);
  const next = base + intervalMs;
  const room = burst * intervalMs;
  const allowed = next - now <= room + rounding(now);
  const after = allowed ? next : base;
  const remaining = Math.max(0, Math.floor((room - (after - now) + rounding(now)) / intervalMs));
  return {
    allowed,
    remaining,
    waitMs: remaining > 0 ? 0 : Math.max(0, after + intervalMs - room - now),
    fullAt: after,
  };
}

/** What a sum of times may be off by, times being doubles. */
function rounding(now: number): number {
  return now * 2 * Number.EPSILON;
}
