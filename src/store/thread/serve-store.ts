import type { Increment, Labels } from "../../model/sample.ts";
import type { Log } from "../../std/log.ts";
import { keyOf, type Series } from "../series-index.ts";
import type { Question, SideTable } from "../side-table.ts";
import { type LocalStore, openStore, type Step } from "../store.ts";
import { CellWriter, readCells } from "./cells.ts";
import type { FromThread, Line, PackedSteps, ToThread } from "./messages.ts";

export interface ServedStore {
  readonly path: string;
  readonly tables: readonly SideTable[];
  // biome-ignore lint/suspicious/noExplicitAny: each has its own argument, which came as plain data
  readonly questions: readonly Question<any, unknown>[];
}

/** Opens the store in this thread, and does what the line asks, one after the other. */
export function serveStore(line: Line<ToThread, FromThread>, { path, tables, questions }: ServedStore): void {
  const known = new KnownSeries();
  const store = openStore({ path, tables, log: logOf(line), onSeries: (series) => known.met(series) });
  const tell = () => {
    const series = known.untold();
    if (series.length > 0) line.post({ kind: "series", series });
  };
  const answer = (call: number, value: unknown, moved: readonly ArrayBuffer[] = []) =>
    line.post({ kind: "answer", call, value, state: store.state() }, moved);
  line.listen((message) => {
    if (message.kind === "look") {
      known.define(message.made);
      const grown: Increment[] = [];
      for (const cell of readCells(message.cells, 0, message.cells.length, (id) => known.get(id)?.bounds)) {
        const series = known.get(cell.series);
        if (series !== undefined) grown.push({ ...cell, name: series.name, labels: series.labels });
      }
      store.write(message.at, message.covered, grown);
      tell();
      line.post({ kind: "wrote", at: message.at, state: store.state() });
    } else if (message.kind === "steps") {
      const packed = packedSteps(store, known, message);
      tell();
      answer(message.call, packed, [packed.cells.buffer]);
    } else if (message.kind === "ask") {
      const question = questions.find(({ name }) => name === message.question);
      answer(message.call, question && store.ask(question, message.argument, message.at));
    } else if (message.kind === "forget") known.forget(message.series);
    else {
      store.close();
      line.post({ kind: "closed" });
    }
  });
  tell();
  line.post({ kind: "opened", state: store.state() });
}

function packedSteps(
  store: LocalStore,
  known: KnownSeries,
  { names, series, from, to, step }: Extract<ToThread, { kind: "steps" }>,
): PackedSteps {
  const wanted = new Set(series);
  const matches = (labels: Labels) => wanted.has(known.numberOf(labels) ?? -1);
  const found: readonly Step[] = store.steps({ names, matches }, from, to, step);
  const cells = new CellWriter();
  const steps = found.map(({ time, covered, totals }) => {
    for (const { labels, value, buckets } of totals) cells.add(known.numberOf(labels) ?? -1, value, buckets);
    return { time, covered, end: cells.length };
  });
  return { steps, cells: cells.finish() };
}

/** Series by the numbers that both threads call them by, whatever their ids in the file of the moment. */
class KnownSeries {
  readonly #byNumber = new Map<number, Series>();
  readonly #byKey = new Map<string, number>();
  readonly #numbers = new WeakMap<Labels, number>();
  #next = 1;
  #untold: Series[] = [];

  get(id: number): Series | undefined {
    return this.#byNumber.get(id);
  }

  /** Of labels that the store's answers have. */
  numberOf(labels: Labels): number | undefined {
    return this.#numbers.get(labels);
  }

  /** Series that the other thread has numbered. */
  define(made: readonly Series[]): void {
    for (const series of made) {
      this.#byNumber.set(series.id, series);
      const key = keyOf(series);
      if (!this.#byKey.has(key)) this.#byKey.set(key, series.id);
    }
  }

  /** A series that the store keeps. */
  met(series: Series): void {
    const key = keyOf(series);
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#next;
      this.#next += 2;
      this.#byKey.set(key, number);
      const numbered = { ...series, id: number };
      this.#byNumber.set(number, numbered);
      this.#untold.push(numbered);
    }
    this.#numbers.set(series.labels, number);
  }

  /** Those that got their number here since this was asked last. */
  untold(): readonly Series[] {
    const all = this.#untold;
    this.#untold = [];
    return all;
  }

  forget(numbers: readonly number[]): void {
    for (const number of numbers) {
      const series = this.#byNumber.get(number);
      this.#byNumber.delete(number);
      if (series !== undefined && this.#byKey.get(keyOf(series)) === number) this.#byKey.delete(keyOf(series));
    }
  }
}

function logOf(line: Line<ToThread, FromThread>): Log {
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: Record<string, unknown>): void =>
      line.post({ kind: "log", level, message, fields });
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), with: () => log };
  return log;
}
