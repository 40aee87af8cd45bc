import { type Latency, LatencyHistogram } from "./latency.ts";

/** How one request ended: with a status, or in words without one. */
export type Ending = { readonly status: number; readonly bytes: number } | { readonly error: string };

/** What happened since the report before. */
export interface Lately {
  readonly done: number;
  readonly perSecond: number;
  /** 0 to 1; undefined when nothing ended. */
  readonly okShare: number | undefined;
  readonly latency: Latency | undefined;
}

/** The state of a run: all counts are from its start. */
export interface LoadReport {
  readonly elapsedMs: number;
  /** The last report of the run. */
  readonly final: boolean;
  /** Requests sent; `done` of them have ended, `inFlight` have not, or were given up when the run was stopped. */
  readonly sent: number;
  readonly done: number;
  readonly inFlight: number;
  /** Requests that are due and wait for a connection: the target is slower than the rate asked for. */
  readonly behind: number;
  /** Ended requests a second. */
  readonly perSecond: number;
  /** Answered with 2xx or 3xx. */
  readonly ok: number;
  /** ok / done, 0 to 1; undefined when nothing ended. */
  readonly okShare: number | undefined;
  /** Answers by status, ascending. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that ended without a complete answer, by reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** Bytes of bodies received. */
  readonly bytes: number;
  /** Of requests that were answered, errors apart. A request that had to wait for a connection counts from when it was due. */
  readonly latency: Latency | undefined;
  readonly lately: Lately;
}

/** What only the run knows when it asks for a report. */
export interface Progress {
  readonly elapsedMs: number;
  readonly sent: number;
  readonly inFlight: number;
  readonly behind: number;
  readonly final: boolean;
}

/** Sums up endings. */
export class Tally {
  readonly #statuses = new Map<number, number>();
  readonly #errors = new Map<string, number>();
  readonly #all = new LatencyHistogram();
  readonly #recent = new LatencyHistogram();
  #done = 0;
  #ok = 0;
  #bytes = 0;
  #before = { elapsedMs: 0, done: 0, ok: 0 };

  /** Counts one ending after `ms` milliseconds. */
  add(ending: Ending, ms: number): void {
    this.#done++;
    if ("error" in ending) {
      this.#errors.set(ending.error, (this.#errors.get(ending.error) ?? 0) + 1);
      return;
    }
    this.#statuses.set(ending.status, (this.#statuses.get(ending.status) ?? 0) + 1);
    if (ending.status >= 200 && ending.status < 400) this.#ok++;
    this.#bytes += ending.bytes;
    this.#all.add(ms);
    this.#recent.add(ms);
  }

  /** The report of this moment. What happened "lately" begins anew with it. */
  report(progress: Progress): LoadReport {
    const done = this.#done;
    const ok = this.#ok;
    const since = {
      ms: progress.elapsedMs - this.#before.elapsedMs,
      done: done - this.#before.done,
      ok: ok - this.#before.ok,
    };
    const report: LoadReport = {
      ...progress,
      done,
      perSecond: perSecond(done, progress.elapsedMs),
      ok,
      okShare: share(ok, done),
      statuses: Object.fromEntries([...this.#statuses].sort(([a], [b]) => a - b)),
      errors: Object.fromEntries([...this.#errors].sort(([, a], [, b]) => b - a)),
      bytes: this.#bytes,
      latency: this.#all.read(),
      lately: {
        done: since.done,
        perSecond: perSecond(since.done, since.ms),
        okShare: share(since.ok, since.done),
        latency: this.#recent.read(),
      },
    };
    this.#before = { elapsedMs: progress.elapsedMs, done, ok };
    this.#recent.clear();
    return report;
  }
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? (count * 1000) / ms : 0;
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
