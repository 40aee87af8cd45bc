import type { Clock } from "../std/clock.ts";
import type { Colors } from "./output/colors.ts";
import type { Output } from "./output/output.ts";
import { width } from "./output/table.ts";

/** How far a workload is. */
export interface WorkloadProgress {
  readonly namespace: string;
  readonly name: string;
  readonly ready: boolean;
  /** `starting Envoy`, `exited with code 1: see weft logs reviews-v1`. */
  readonly message: string;
}

/** Shows how a mesh comes up. */
export interface UpView {
  /** All workloads as they are now; replaces what was said before. */
  workloads(list: readonly WorkloadProgress[]): void;
  /** A line that stays: `fetching Envoy 1.40.0`. */
  note(line: string): void;
  /** Leaves the last state on the screen; nothing is shown afterwards. */
  end(): void;
}

export interface UpViewOptions {
  readonly output: Output;
  readonly colors: Colors;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A table that is drawn again in place on a terminal; a line for each change elsewhere. */
export function createUpView(options: UpViewOptions): UpView {
  const { env, output } = options;
  const live = output.isTTY && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
  return live ? new LiveView(options) : new LineView(options);
}

/** The most workloads that the live table shows; those that wait come first. */
const maxRows = 20;
/** Ten pictures a second. */
const frameMs = 100;

class LiveView implements UpView {
  readonly #options: UpViewOptions;
  readonly #since: number;
  readonly #readyAt = new Map<string, number>();
  #list: readonly WorkloadProgress[] = [];
  #drawn = 0;
  #cancel: (() => void) | undefined;
  #ended = false;

  constructor(options: UpViewOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  workloads(list: readonly WorkloadProgress[]): void {
    if (this.#ended) return;
    this.#list = list;
    const now = this.#options.clock.now();
    for (const w of list) {
      if (!w.ready) this.#readyAt.delete(nameOf(w));
      else if (!this.#readyAt.has(nameOf(w))) this.#readyAt.set(nameOf(w), now);
    }
    this.#cancel ??= this.#options.clock.after(frameMs, () => this.#draw());
  }

  note(line: string): void {
    if (this.#ended) return;
    this.#clear();
    this.#options.output.write(`${line}\n`);
    this.#draw();
  }

  end(): void {
    if (this.#ended) return;
    this.#draw();
    this.#ended = true;
  }

  #clear(): void {
    if (this.#drawn > 0) this.#options.output.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#ended || this.#list.length === 0) return;
    const lines = this.#lines();
    this.#clear();
    this.#options.output.write(`${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  #lines(): string[] {
    const { colors, output } = this.#options;
    const ready = this.#list.filter((w) => w.ready).length;
    const shown =
      this.#list.length <= maxRows
        ? this.#list
        : [...this.#list].sort((a, b) => Number(a.ready) - Number(b.ready)).slice(0, maxRows);
    const widest = Math.max(...shown.map((w) => width(nameOf(w))));
    const room = Math.max(20, (output.columns ?? 80) - widest - 6);
    const rows = shown.map((w) => {
      const name = nameOf(w).padEnd(widest);
      const text = cut(w.ready ? this.#readyText(w) : w.message, room);
      return w.ready ? `${colors.green("√")} ${name}  ${colors.green(text)}` : `${colors.dim("·")} ${name}  ${text}`;
    });
    const rest = this.#list.length - shown.length;
    return [
      `${ready} of ${this.#list.length} workloads ready`,
      ...rows,
      ...(rest > 0 ? [colors.dim(`  and ${rest} more`)] : []),
    ];
  }

  #readyText(w: WorkloadProgress): string {
    const ms = (this.#readyAt.get(nameOf(w)) ?? this.#since) - this.#since;
    return `ready after ${(ms / 1000).toFixed(1)} s`;
  }
}

class LineView implements UpView {
  readonly #output: Output;
  readonly #told = new Map<string, string>();
  #ended = false;

  constructor(options: UpViewOptions) {
    this.#output = options.output;
  }

  workloads(list: readonly WorkloadProgress[]): void {
    if (this.#ended) return;
    const ready = list.filter((w) => w.ready).length;
    for (const w of list) {
      const text = w.ready ? "ready" : w.message;
      const before = this.#told.get(nameOf(w));
      this.#told.set(nameOf(w), text);
      if (text === before || text === "") continue;
      this.#output.write(`${nameOf(w)}: ${text}${w.ready ? ` (${ready} of ${list.length})` : ""}\n`);
    }
  }

  note(line: string): void {
    if (!this.#ended) this.#output.write(`${line}\n`);
  }

  end(): void {
    this.#ended = true;
  }
}

function nameOf(w: WorkloadProgress): string {
  return `${w.namespace}/${w.name}`;
}

function cut(text: string, room: number): string {
  const line = text.replace(/\s+/g, " ");
  return width(line) <= room ? line : `${line.slice(0, Math.max(0, room - 1))}…`;
}
