import { alive, type ProcessId } from "../agent/process.ts";
import { type Exit, type Supervisor, supervise } from "../agent/supervisor.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { inPod, startApplication } from "./application.ts";
import { type Health, watchHealth } from "./health.ts";
import type { Place } from "./network.ts";
import { tryProbe } from "./probe.ts";
import { runAnnotation, type Workload } from "./workload.ts";

/** What is wrong with a Pod, for the user. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface PodApplicationOptions {
  /** Name of the Pod. */
  readonly pod: string;
  readonly workload: Workload;
  readonly place: Place;
  readonly probeFrom: string | undefined;
  readonly logFile: string;
  readonly become: readonly string[];
  /** Asked at each start: what it refers to may have changed. */
  readonly env: () => Record<string, string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told when anything below has changed; `id` of a process that has just been started. */
  readonly onChange: (id?: ProcessId) => void;
  readonly onProblem: (problem: Problem | undefined) => void;
}

/** The application of one Pod: its process, started again when it ends, and its health. */
export class PodApplication {
  readonly #options: PodApplicationOptions;
  readonly #process: Supervisor;
  #health: Health | undefined;
  #ready = false;
  #why: string | undefined;

  constructor(options: PodApplicationOptions) {
    this.#options = options;
    const { workload, place, become, logFile, clock, random } = options;
    const start = { command: workload.command ?? [], folder: workload.folder, logFile, enter: place.enter, become };
    this.#process = supervise({
      spawn: () => startApplication({ ...start, env: options.env() }),
      clock,
      random,
      backoff: { base: 250, max: 30_000 },
      goodAfter: 10_000,
      onStart: (id) => this.#started(id),
      onExit: (exit, restartInMs) => this.#ended(exit, restartInMs),
    });
  }

  get ready(): boolean {
    return this.#ready;
  }

  get running(): boolean {
    return this.#process.current !== undefined;
  }

  get restarts(): number {
    return this.#process.restarts;
  }

  /** Why it is not ready; undefined when it is, or nothing is known yet. */
  get why(): string | undefined {
    return this.#why;
  }

  start(): void {
    this.#process.start();
  }

  /** Takes over one that runs. What was ready stays so until a probe says otherwise. */
  adopt(id: ProcessId, restarts: number, ready: boolean): void {
    this.#ready = ready && alive(id);
    this.#process.adopt(id, restarts);
    if (this.#process.current) this.#started(id);
  }

  async stop(graceMs: number): Promise<void> {
    this.#health?.stop();
    await this.#process.stop(graceMs);
  }

  /** No more probes: it is on its way out. */
  unwatch(): void {
    this.#health?.stop();
  }

  #started(id: ProcessId): void {
    const { workload, place, become, probeFrom, clock, log, env } = this.#options;
    const container = workload.containers[0];
    const target = {
      address: place.applicationIp,
      from: probeFrom,
      ports: container?.ports,
      enter: inPod(place.enter, workload.folder, become),
      env: env(),
    };
    this.#health?.stop();
    this.#health = watchHealth({
      container,
      clock,
      ready: this.#ready,
      attempt: (probe) => tryProbe(probe, target),
      onReady: (ready, why) => {
        this.#ready = ready;
        this.#why = why;
        if (ready) this.#options.onProblem(undefined);
        this.#options.onChange();
      },
      onDead: (why) => {
        log.warn("the application is not alive, it is started again", { pod: this.#options.pod, why });
        this.#process.kill();
      },
    });
    this.#options.onChange(id);
  }

  #ended(exit: Exit, restartInMs: number): void {
    const { pod, onProblem, onChange } = this.#options;
    this.#health?.stop();
    this.#ready = false;
    this.#why = `the application ${howItEnded(exit)}`;
    const again = `it is started again in ${Math.ceil(restartInMs / 1000)} s`;
    // What a shell says of a program that is not there, or may not be run.
    const noProgram = exit.code === 126 || exit.code === 127;
    const fix = noProgram
      ? `check the program in the annotation ${runAnnotation}; ${again}`
      : `read its log: weft logs ${pod}; ${again}`;
    onProblem({ code: "WEFT0704", message: this.#why, fix });
    onChange();
  }
}

function howItEnded(exit: Exit): string {
  if (exit.error !== undefined) return exit.error;
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === null ? "ended" : `ended with exit code ${exit.code}`;
}
