import type { Clock } from "../../std/clock.ts";
import { type LoadOptions, type LoadPlan, planLoad } from "./options.ts";
import { makeSender, type Sender } from "./sender.ts";
import { type LoadReport, Tally } from "./tally.ts";

/** What a run needs of the world. `clock.now()` may count from anywhere, but must never go back. */
export interface LoadEffects {
  readonly clock: Clock;
  readonly makeSender: (plan: LoadPlan) => Sender;
}

const REAL: LoadEffects = {
  clock: {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  makeSender,
};

/**
 * Sends requests on schedule (open loop: a slow answer does not slow the next request down) until `durationMs` is over or
 * `signal` fires, calls `onReport` every second and once more at the end, and answers that last report. After `durationMs` it
 * waits for the answers that are outstanding; after the signal it gives them up. Throws a LoadOptionsError; prints nothing.
 */
export async function runLoad(
  options: LoadOptions,
  signal: AbortSignal,
  onReport: (report: LoadReport) => void,
  effects: LoadEffects = REAL,
): Promise<LoadReport> {
  const plan = planLoad(options);
  const sender = effects.makeSender(plan);
  const run = new Run(plan, sender, effects.clock, onReport);
  try {
    return await run.toEnd(signal);
  } finally {
    sender.close();
  }
}

/** Request number `index` is due this many milliseconds after the start. */
export function dueAfter(index: number, rate: number): number {
  return (index * 1000) / rate;
}

/** How many requests are due `elapsedMs` after the start: the first at once. */
export function dueCount(elapsedMs: number, rate: number): number {
  return elapsedMs < 0 ? 0 : Math.floor((elapsedMs * rate) / 1000 + 1e-9) + 1;
}

class Run {
  readonly #plan: LoadPlan;
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #onReport: (report: LoadReport) => void;
  readonly #tally = new Tally();
  readonly #ended = Promise.withResolvers<void>();
  readonly #started: number;
  #cancelPump = (): void => {};
  #sent = 0;
  #inFlight = 0;
  /** Requests below this number became due while every connection was busy. */
  #waited = 0;
  #timeOver = false;
  #stopping = false;
  #aborted = false;

  constructor(plan: LoadPlan, sender: Sender, clock: Clock, onReport: (report: LoadReport) => void) {
    this.#plan = plan;
    this.#sender = sender;
    this.#clock = clock;
    this.#onReport = onReport;
    this.#started = clock.now();
  }

  async toEnd(signal: AbortSignal): Promise<LoadReport> {
    const abort = (): void => {
      this.#aborted = true;
      this.#stop();
    };
    const tell = (): void => {
      this.#pump();
      this.#onReport(this.#report(false));
    };
    const cancels = [this.#every(this.#plan.reportEveryMs, tell)];
    const { durationMs } = this.#plan;
    if (durationMs !== undefined) cancels.push(this.#clock.after(durationMs, () => this.#finish()));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    else this.#pump();
    await this.#ended.promise;
    signal.removeEventListener("abort", abort);
    for (const cancel of cancels) cancel();
    const report = this.#report(true);
    this.#onReport(report);
    return report;
  }

  #every(ms: number, run: () => void): () => void {
    let next = this.#clock.now() + ms;
    let cancel = (): void => {};
    const again = (): void => {
      run();
      // By the clock, not by the timer: lateness does not add up, and reports that were missed are left out.
      next += Math.max(1, Math.ceil((this.#clock.now() - next) / ms)) * ms;
      cancel = this.#clock.after(next - this.#clock.now(), again);
    };
    cancel = this.#clock.after(ms, again);
    return () => cancel();
  }

  /** Sends what is due, as far as there are connections, and comes back when the next is due. */
  #pump(): void {
    this.#cancelPump();
    if (this.#stopping) return;
    const due = this.#due();
    while (this.#sent < due && this.#inFlight < this.#plan.connections) this.#send(this.#sent);
    if (this.#sent < due) return;
    const next = this.#started + dueAfter(this.#sent, this.#plan.rate);
    this.#cancelPump = this.#clock.after(Math.max(0, next - this.#clock.now()), () => this.#pump());
  }

  #due(): number {
    const { durationMs, rate } = this.#plan;
    const most = durationMs === undefined ? Infinity : Math.ceil((durationMs * rate) / 1000 - 1e-9);
    // Timers may come a little early, and the last request is due before the end.
    return this.#timeOver ? most : Math.min(most, dueCount(this.#clock.now() - this.#started, rate));
  }

  #send(index: number): void {
    const due = this.#started + dueAfter(index, this.#plan.rate);
    const from = index < this.#waited ? due : this.#clock.now();
    this.#sent++;
    this.#inFlight++;
    void this.#sender.send().then((ending) => {
      if (this.#aborted) return;
      if (this.#inFlight === this.#plan.connections) this.#waited = this.#due();
      this.#inFlight--;
      this.#tally.add(ending, this.#clock.now() - from);
      if (!this.#stopping) this.#pump();
      else if (this.#inFlight === 0) this.#ended.resolve();
    });
  }

  /** The time is over: sends the last that are due, then waits for answers. */
  #finish(): void {
    this.#timeOver = true;
    this.#pump();
    this.#stop();
  }

  #stop(): void {
    this.#stopping = true;
    this.#cancelPump();
    if (this.#inFlight === 0 || this.#aborted) this.#ended.resolve();
  }

  #report(final: boolean): LoadReport {
    // With a connection free nothing waits: what became due in this moment is sent in the next.
    const blocked = this.#stopping || this.#inFlight === this.#plan.connections;
    const behind = blocked && !this.#aborted ? Math.max(0, this.#due() - this.#sent) : 0;
    const elapsedMs = this.#clock.now() - this.#started;
    return this.#tally.report({ elapsedMs, sent: this.#sent, inFlight: this.#inFlight, behind, final });
  }
}
