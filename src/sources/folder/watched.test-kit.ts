import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Source, SourceEvent } from "../../model/change.ts";
import { type Diagnostic, formatDiagnostic } from "../../model/diagnostic.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import type { Clock } from "../../std/clock.ts";
import { type FolderOptions, folderSource } from "./source.ts";

const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock that a test turns: nothing runs by itself. */
export class HandClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ readonly ms: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Whether something waits that was set for so many ms. */
  waits(ms: number): boolean {
    return [...this.#timers].some((t) => t.ms === ms);
  }

  /** Waits until something is set for so many ms (the file system tells in its own time), and lets it run. */
  async run(ms: number): Promise<void> {
    while (!this.waits(ms)) await new Promise((resolve) => setImmediate(resolve));
    for (const timer of [...this.#timers].filter((t) => t.ms === ms)) {
      this.#timers.delete(timer);
      this.#now += ms;
      timer.run();
    }
  }
}

/** A folder of a test's own, with a source over it: what is in force now, and a way to wait for something to become true. Only tests use it. */
export class Watched {
  readonly folder: string;
  readonly inForce = new Map<string, Resource>();
  readonly events: SourceEvent[] = [];
  diagnostics: readonly Diagnostic[] = [];
  readonly #waiting: { isTrue: () => boolean; resolve: () => void }[] = [];
  #source: Source | undefined;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "weft-folder-"));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  async start(options: Partial<FolderOptions> = {}): Promise<this> {
    this.#source = folderSource({ folders: [this.folder], clock: realClock, validate: () => [], ...options });
    await this.#source.start((event) => this.#hear(event));
    return this;
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Waits until something holds, looked at after each event; vitest's timeout is the only clock. */
  until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isTrue, resolve }));
  }

  /** Names of what is in force: `Service default/a`. */
  get names(): string[] {
    return [...this.inForce.keys()].sort();
  }

  /** Diagnostics as lines, without the folder's own path. */
  get told(): string[] {
    return this.diagnostics.map((d) => formatDiagnostic(d).replaceAll(`${this.folder}/`, ""));
  }

  async stop(): Promise<void> {
    await this.#source?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #hear(event: SourceEvent): void {
    this.events.push(event);
    this.diagnostics = event.diagnostics;
    for (const change of event.changes) {
      if ("put" in change) this.inForce.set(formatRef(change.put), change.put);
      else this.inForce.delete(formatRef(change.remove));
    }
    for (const waiting of [...this.#waiting]) {
      if (!waiting.isTrue()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve();
    }
  }
}

/** A Service's YAML. */
export function service(name: string, port = 80): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;
}
