import type { Report } from "./wire.ts";

/** Requests that a workload got, by the case that made them. */
export class Ledger {
  readonly #reports = new Map<string, Report[]>();
  readonly #misbehaved = new Map<string, number>();

  note(report: Report): void {
    const id = report.headers["x-case"];
    if (id === undefined) return;
    const all = this.#reports.get(id) ?? [];
    all.push(report);
    this.#reports.set(id, all);
  }

  of(id: string): readonly Report[] {
    return this.#reports.get(id) ?? [];
  }

  /** Counts one more request of a case that shall be answered badly; false when there were enough of them. */
  misbehaves(id: string, times: number): boolean {
    const sofar = this.#misbehaved.get(id) ?? 0;
    this.#misbehaved.set(id, sofar + 1);
    return sofar < times;
  }
}
