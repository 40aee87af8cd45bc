import type { ChildProcess } from "node:child_process";
import { backoff } from "../std/backoff.ts";
import type { Clock } from "../std/clock.ts";
import type { Random } from "../std/random.ts";
import { alive, type ProcessId, processId, signal } from "./process.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not even be started: `spawn envoy ENOENT`. */
  readonly error?: string;
}

export interface SupervisorOptions {
  /** Starts the process, as leader of its own group (`detached`), with its output in files: it must outlive us. */
  readonly spawn: () => ChildProcess;
  readonly clock: Clock;
  readonly random: Random;
  /** Delays before a restart, in milliseconds. The first restart after a good run comes at once. */
  readonly backoff: { readonly base: number; readonly max: number };
  /** A run this long counts as good. Milliseconds. */
  readonly goodAfter: number;
  onStart?(id: ProcessId): void;
  onExit?(exit: Exit, restartInMs: number): void;
}

/** Keeps one process running until it is told to stop. */
export interface Supervisor {
  /** The process that runs now. */
  readonly current: ProcessId | undefined;
  /** How often it was started again. */
  readonly restarts: number;
  start(): void;
  /** Takes over a process that another one of us started. */
  adopt(id: ProcessId, restarts?: number): void;
  /** Ends it for good: SIGTERM to its group, SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** Ends it now; it comes back as after a crash. */
  kill(): void;
}

/** A process of somebody else's ends without telling us: look this often. Milliseconds. */
const look = 100;

export function supervise(options: SupervisorOptions): Supervisor {
  return new Supervised(options);
}

class Supervised implements Supervisor {
  current: ProcessId | undefined;
  restarts = 0;
  readonly #options: SupervisorOptions;
  #failures = 0;
  #stopped = false;
  #startedAt = 0;
  #cancel: (() => void) | undefined;
  /** Those who wait for its end. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped || this.current !== undefined) return;
    this.#startedAt = this.#options.clock.now();
    const child = this.#options.spawn();
    let over = false;
    const once = (exit: Exit) => {
      if (over) return;
      over = true;
      this.#exited(exit);
    };
    child.once("error", (error) => once({ code: null, signal: null, error: error.message }));
    child.once("exit", (code, signalName) => once({ code, signal: signalName }));
    child.unref();
    if (child.pid === undefined) return;
    // It may be gone again already: then its number alone has to do until its exit is told.
    this.current = processId(child.pid) ?? { pid: child.pid, startedAt: "" };
    this.#options.onStart?.(this.current);
  }

  adopt(id: ProcessId, restarts = 0): void {
    this.current = id;
    this.restarts = restarts;
    this.#startedAt = this.#options.clock.now();
    const watch = () => {
      if (alive(id)) this.#cancel = this.#options.clock.after(look, watch);
      else this.#exited({ code: null, signal: null });
    };
    watch();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    const id = this.current;
    if (id === undefined) return this.#cancel?.();
    const gone = new Promise<void>((resolve) => this.#waiting.push(resolve));
    signal(id, "SIGTERM", true);
    const cancel = this.#options.clock.after(graceMs, () => signal(id, "SIGKILL", true));
    await gone;
    cancel();
  }

  kill(): void {
    if (this.current !== undefined) signal(this.current, "SIGKILL", true);
  }

  #exited(exit: Exit): void {
    const { clock, random, backoff: delay, goodAfter } = this.#options;
    const good = clock.now() - this.#startedAt >= goodAfter;
    this.current = undefined;
    this.#failures = good ? 0 : this.#failures + 1;
    for (const tell of this.#waiting.splice(0)) tell();
    if (this.#stopped) return;
    const wait = good ? 0 : backoff(this.#failures - 1, delay.base, delay.max, random);
    this.#options.onExit?.(exit, wait);
    this.#cancel = clock.after(wait, () => {
      this.restarts++;
      this.start();
    });
  }
}
