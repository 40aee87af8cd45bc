import type { ServerResponse } from "node:http";
import type { Subject } from "./caller.ts";
import { digestOf } from "./secrets.ts";

/** Somebody who has logged in with a browser. */
export interface LoggedIn {
  readonly subject: Subject;
  /** What a change by this session carries beside its cookie: nobody reads it but a page of ours. */
  readonly csrf: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endsAt: number;
}

/** A session with what it has open. */
interface Kept extends LoggedIn {
  readonly open: Set<ServerResponse>;
  readonly cancel: () => void;
}

export interface SessionsOptions {
  readonly clock: { now(): number; after(ms: number, run: () => void): () => void };
  /** A new secret that nobody can guess. */
  readonly random: () => string;
}

/** A working day. */
export const sessionMs = 8 * 60 * 60 * 1000;
const mostKept = 5000;
/** Of one person: who logs in again and again loses the oldest. */
const mostOfOne = 50;

/** Who is logged in. In memory alone: a control plane that starts again knows nobody. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Answers the cookie's value. `untilAt`: it ends no later, as what it was begun with does. */
  begin(subject: Subject, untilAt = Number.POSITIVE_INFINITY): string {
    const { clock, random } = this.#options;
    const id = random();
    const key = digestOf(id);
    const startedAt = clock.now();
    const endsAt = Math.min(startedAt + sessionMs, untilAt);
    const cancel = clock.after(Math.max(0, endsAt - startedAt), () => this.#end(key));
    this.#kept.set(key, { subject, csrf: random(), startedAt, endsAt, open: new Set(), cancel });
    this.#makeRoom(subject);
    return id;
  }

  find(id: string): LoggedIn | undefined {
    const found = this.#kept.get(digestOf(id));
    return found !== undefined && found.endsAt > this.#options.clock.now() ? found : undefined;
  }

  /** The answer is cut when the session ends: what streams shows nothing to somebody who has logged out. */
  holds(id: string, response: ServerResponse): void {
    const open = this.#kept.get(digestOf(id))?.open;
    if (open === undefined) return;
    open.add(response);
    response.once("close", () => open.delete(response));
  }

  end(id: string): void {
    this.#end(digestOf(id));
  }

  /** Ends all of them. */
  close(): void {
    for (const key of [...this.#kept.keys()]) this.#end(key);
  }

  #end(key: string): void {
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    found?.cancel();
    for (const response of found?.open ?? []) if (response.headersSent) response.destroy();
  }

  #makeRoom({ name, how }: Subject): void {
    const own = [...this.#kept].filter(([, { subject }]) => subject.name === name && subject.how === how);
    if (own.length > mostOfOne) this.#end(own[0]?.[0] ?? "");
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#end(oldest);
  }
}
