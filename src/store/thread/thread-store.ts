import type { Increment } from "../../model/sample.ts";
import type { Log } from "../../std/log.ts";
import { turns } from "../../std/turns.ts";
import { keptOf } from "../chunk/look.ts";
import { defaultRetention } from "../retention.ts";
import { type Selection, type Series, SeriesIndex } from "../series-index.ts";
import type { Question } from "../side-table.ts";
import { type Step, type Store, type StoreState, type Total, usualSeries } from "../store.ts";
import { CellWriter, readCells } from "./cells.ts";
import type { FromThread, Line, PackedSteps, ToThread } from "./messages.ts";

export interface ThreadStoreOptions {
  /** Begins the thread (`serveStore` at its other end). `onEnd` is called when it ends, with the reason where it ended by itself. */
  readonly start: (onEnd: (error: Error | undefined) => void) => Line<FromThread, ToThread>;
  readonly log: Log;
}

/** Looks that wait for the thread: more are let go, so that a slow disk fills no memory. */
const mostWaiting = 12;

const hour = 3_600_000;

/** The store in another thread: what is written and asked costs this one little, and nothing at length. */
export function threadStore(options: ThreadStoreOptions): Store {
  return new ThreadStore(options);
}

class ThreadStore implements Store {
  readonly #options: ThreadStoreOptions;
  readonly #listeners = new Set<(at: number) => void>();
  readonly #calls = new Map<number, (value: unknown) => void>();
  #line: Line<FromThread, ToThread>;
  #index = newIndex(() => 0);
  #made: Series[] = [];
  #nextSeries = 2;
  #nextCall = 1;
  #state: StoreState = { where: "memory", bytes: 0, series: 0 };
  #isEnded = false;
  #isClosing = false;
  #waiting = 0;
  #tidiedAt = 0;
  #opened = () => {};
  /** What was handed in goes to the thread in this order. */
  #queue: Promise<void>;
  #whenClosed = () => {};

  constructor(options: ThreadStoreOptions) {
    this.#options = options;
    this.#queue = new Promise((resolve) => {
      this.#opened = resolve;
    });
    this.#line = this.#start();
  }

  write(at: number, covered: number, increments: readonly Increment[]): void {
    if (this.#isEnded || this.#isClosing) return;
    if (this.#waiting >= mostWaiting) {
      if (this.#waiting === mostWaiting)
        this.#options.log.warn(
          "the history cannot keep up: looks are left out of it; its disk or this machine is too slow",
        );
      this.#waiting = mostWaiting + 1;
      return;
    }
    this.#waiting++;
    this.#queue = this.#queue.then(() => this.#post(at, covered, increments));
  }

  async totals(selection: Selection, from: number, to: number): Promise<Step> {
    const [step] = await this.steps(selection, from, to, Math.max(1, to - from));
    return step ?? { time: to, covered: 0, totals: [] };
  }

  async steps(selection: Selection, from: number, to: number, step: number): Promise<Step[]> {
    await this.#queue;
    const pause = turns();
    const wanted: number[] = [];
    for (const id of this.#index.ids(selection)) {
      if (id !== undefined) wanted.push(id);
      if (pause.isOver()) await pause.next();
    }
    const series = Uint32Array.from(wanted);
    const packed = (await this.#call(
      (call) => ({ kind: "steps", call, names: selection.names, series, from, to, step }),
      [series.buffer],
    )) as PackedSteps | undefined;
    return packed === undefined ? [] : this.#unpacked(packed);
  }

  async ask<A, R>(question: Question<A, R>, argument: A, at: number): Promise<R | undefined> {
    const { name } = question;
    return (await this.#call((call) => ({ kind: "ask", call, question: name, argument, at }))) as R | undefined;
  }

  onWrite(listener: (at: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  state(): StoreState {
    return this.#state;
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#queue;
    if (this.#isEnded) return;
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve;
    });
    this.#line.post({ kind: "close" });
    await closed;
  }

  #start(): Line<FromThread, ToThread> {
    const line = this.#options.start((error) => this.#ended(error));
    this.#index = newIndex(({ name, labels, bounds }) => {
      const id = this.#nextSeries;
      this.#nextSeries += 2;
      this.#made.push({ id, name, labels, bounds });
      return id;
    });
    line.listen((message) => this.#take(message));
    return line;
  }

  #take(message: FromThread): void {
    if (message.kind === "series") for (const series of message.series) this.#index.add(series);
    else if (message.kind === "log") this.#options.log[message.level](message.message, message.fields);
    else if (message.kind === "closed") this.#whenClosed();
    else {
      this.#state = message.state;
      if (message.kind === "opened") this.#opened();
      else if (message.kind === "answer") this.#answered(message.call, message.value);
      else {
        this.#waiting = Math.max(0, Math.min(mostWaiting, this.#waiting) - 1);
        for (const listener of this.#listeners) listener(message.at);
      }
    }
  }

  /** A thread that ended by itself: history is over until the program starts again, and nothing else is. */
  #ended(error: Error | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (!this.#isClosing) {
      const why = error?.message ?? "it ended";
      this.#options.log.error(`the thread that keeps the history is gone (${why}); the mesh runs on without history`);
      this.#state = { ...this.#state, where: "memory", error: why };
    }
    this.#opened();
    this.#whenClosed();
    for (const [call] of this.#calls) this.#answered(call, undefined);
  }

  async #call(message: (call: number) => ToThread, moved: readonly ArrayBuffer[] = []): Promise<unknown> {
    await this.#queue;
    if (this.#isEnded) return undefined;
    const call = this.#nextCall++;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      this.#line.post(message(call), moved);
    });
  }

  #answered(call: number, value: unknown): void {
    const resolve = this.#calls.get(call);
    this.#calls.delete(call);
    resolve?.(value);
  }

  async #post(at: number, covered: number, increments: readonly Increment[]): Promise<void> {
    if (this.#isEnded) return;
    const pause = turns();
    const out = new CellWriter();
    for (const increment of increments) {
      if (pause.isOver()) await pause.next();
      if (increment.value <= 0) continue;
      const kept = keptOf(increment);
      const id = this.#index.idOf(kept, at);
      if (id !== undefined) out.add(id, kept.value, kept.buckets);
    }
    const cells = out.finish();
    const made = this.#made;
    this.#made = [];
    this.#line.post({ kind: "look", at, covered, made, cells }, [cells.buffer]);
    if (Math.floor(at / hour) !== Math.floor(this.#tidiedAt / hour)) this.#forget(at);
  }

  /** As the thread does, so that label values that are gone fill no memory here either. */
  #forget(at: number): void {
    const before = new Set(this.#index.ids({ names: undefined }));
    this.#index.forget(at - defaultRetention.coarse, at);
    for (const id of this.#index.ids({ names: undefined })) before.delete(id);
    if (before.size > 0) this.#line.post({ kind: "forget", series: [...before].flatMap((id) => id ?? []) });
    this.#tidiedAt = at;
  }

  async #unpacked({ steps, cells }: PackedSteps): Promise<Step[]> {
    const pause = turns();
    const found: Step[] = [];
    let start = 0;
    for (const { time, covered, end } of steps) {
      const totals: Total[] = [];
      for (const { series: id, ...cell } of readCells(cells, start, end, (id) => this.#index.get(id)?.bounds)) {
        const series = this.#index.get(id);
        if (series !== undefined) totals.push({ ...cell, name: series.name, labels: series.labels });
        if (pause.isOver()) await pause.next();
      }
      found.push({ time, covered, totals });
      start = end;
    }
    return found;
  }
}

function newIndex(make: (series: Omit<Series, "id">) => number): SeriesIndex {
  return new SeriesIndex({ all: () => [], make, forget: () => {} }, usualSeries * 2);
}
