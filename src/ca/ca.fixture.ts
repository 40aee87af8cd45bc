import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { type Authority, type AuthorityOptions, openAuthority } from "./authority.ts";
import { PrivateFiles } from "./private-files.ts";

/** A clock that moves when told. */
export class FakeClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Goes on to the next timer and runs it; says how far it went. A clock that was set forward stays there. */
  next(): number {
    const [timer] = [...this.#timers].sort((a, b) => a.at - b.at);
    if (!timer) throw new Error("nothing is waiting");
    const gone = timer.at - this.time;
    this.time = Math.max(this.time, timer.at);
    this.#timers.delete(timer);
    timer.run();
    return gone;
  }
}

export const random: Random = { next: () => 0.5, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };

/** Keeps what was said. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string, fields?: Record<string, unknown>) =>
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log = { lines, debug: say, info: say, warn: say, error: say, with: () => log };
  return log;
}

export function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), "weft-ca-")), "ca");
}

export function open(
  folder: string,
  clock: Clock,
  log = recordingLog(),
  more: Partial<AuthorityOptions> = {},
): Promise<Authority> {
  const home = new PrivateFiles(folder, log);
  return openAuthority({ home, trustDomain: "cluster.local", clock, random, log, ...more });
}

export const reviews = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "reviews" };
