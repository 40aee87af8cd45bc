import type { ServerResponse } from "node:http";
import { Refusal } from "../http/answer.ts";
import type { Subject } from "./caller.ts";
import { seal, unseal } from "./seal.ts";
import { digestOf } from "./secrets.ts";
import { SessionHome, type SharedTexts } from "./session-home.ts";

/** Somebody who has logged in with a browser. */
export interface LoggedIn {
  readonly subject: Subject;
  /** What a change by this session carries beside its cookie: nobody reads it but a page of ours. */
  readonly csrf: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endsAt: number;
}

interface Session extends LoggedIn {
  readonly id: string;
}

/** A session with what it has open. */
interface Kept extends Session {
  readonly open: Set<ServerResponse>;
  readonly cancel: () => void;
  /** By which its cookie is sealed, so that it is good at every replica and after a restart; absent: the cookie is its id. */
  readonly key?: Buffer;
}

export interface SessionsOptions {
  readonly clock: { now(): number; after(ms: number, run: () => void): () => void };
  /** A new secret that nobody can guess: 32 bytes, base64url. */
  readonly random: () => string;
  /** What replicas share; absent: sessions are this process's alone. */
  readonly shared?: SharedTexts;
}

/** A working day. */
export const sessionMs = 8 * 60 * 60 * 1000;
const mostKept = 5000;
/** Of one person: who logs in again and again loses the oldest. */
const mostOfOne = 50;
/** So soon a logout elsewhere holds here. */
const lookMs = 5000;
/** A browser keeps a cookie of 4096 bytes, its name included. What is longer (a person of very many groups) is kept here alone. */
const mostCookie = 3800;
const purpose = "session";

/**
 * Who is logged in. The cookie holds the session itself, sealed with a key that all replicas share; each keeps what it has seen of it. A session that
 * was ended is in a list that they share, too. Where nothing is shared, the cookie is an id of this process's memory.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #home: SessionHome | undefined;
  readonly #kept = new Map<string, Kept>();
  #look: (() => void) | undefined;

  constructor(options: SessionsOptions) {
    const { shared, clock, random } = options;
    this.#options = options;
    this.#home = shared && new SessionHome(shared, () => clock.now(), random);
  }

  /** Answers the cookie's value. `untilAt`: it ends no later, as what it was begun with does. */
  async begin(subject: Subject, untilAt = Number.POSITIVE_INFINITY): Promise<string> {
    const { clock, random } = this.#options;
    const startedAt = clock.now();
    const endsAt = Math.min(startedAt + sessionMs, untilAt);
    const session = { subject, id: random(), csrf: random(), startedAt, endsAt };
    // Whoever cannot be asked for the key is no reason to let nobody in.
    const key = await this.#home?.key().catch(() => undefined);
    const sealed = key && seal(key, purpose, session, random());
    const fits = sealed !== undefined && sealed.length <= mostCookie;
    this.#keep(session, fits ? key : undefined);
    this.#makeRoom(subject);
    return fits ? sealed : session.id;
  }

  /** Whose cookie it is. Rejects with a Refusal where nobody can say whether the session was ended elsewhere. */
  async find(cookie: string): Promise<Session | undefined> {
    const now = this.#options.clock.now();
    const own = this.#kept.get(digestOf(cookie));
    if (own !== undefined && own.key === undefined) return own.endsAt > now ? own : undefined;
    const session = await this.#opened(cookie);
    if (session === undefined || this.#home === undefined) return undefined;
    if (session.endsAt <= now || this.#home.ended(session)) return undefined;
    if (this.#kept.has(digestOf(session.id))) return session;
    await this.#home.fresh().catch((error: Error) => {
      throw new Refusal(
        503,
        `nobody can say now whether you have logged out: ${error.message}`,
        "try again in a moment",
      );
    });
    // The key may be another by now.
    const key = await this.#home.key();
    if (this.#home.ended(session) || unseal(key, purpose, cookie) === undefined) return undefined;
    this.#keep(session, key);
    return session;
  }

  /** The answer is cut when the session ends: what streams shows nothing to somebody who has logged out. */
  holds(id: string, response: ServerResponse): void {
    const open = this.#kept.get(digestOf(id))?.open;
    if (open === undefined) return;
    open.add(response);
    response.once("close", () => open.delete(response));
  }

  /** Ends it here, and at the other replicas. Rejects where these could not be told. */
  async end(session: Session): Promise<void> {
    const shared = this.#kept.get(digestOf(session.id))?.key !== undefined;
    this.#forget(digestOf(session.id));
    if (shared) await this.#home?.end(session);
  }

  /** Ends all sessions of everybody, at all replicas. */
  async endAll(): Promise<void> {
    this.close();
    await this.#home?.endAll();
  }

  /** By which texts are sealed that another replica shall open; undefined where nothing is shared, or it cannot be asked. */
  async key(): Promise<Buffer | undefined> {
    return this.#home?.key().catch(() => undefined);
  }

  /** Forgets all of them. */
  close(): void {
    for (const key of [...this.#kept.keys()]) this.#forget(key);
    this.#look?.();
    this.#look = undefined;
  }

  /** What a cookie holds. By a key that is not known here another replica may have sealed it. */
  async #opened(cookie: string): Promise<Session | undefined> {
    for (const look of [false, true]) {
      if (look) await this.#home?.fresh().catch(() => undefined);
      const key = await this.#home?.key().catch(() => undefined);
      const found = key && (unseal(key, purpose, cookie) as Session | undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #keep({ subject, id, csrf, startedAt, endsAt }: Session, key: Buffer | undefined): void {
    const { clock } = this.#options;
    const place = digestOf(id);
    const cancel = clock.after(Math.max(0, endsAt - clock.now()), () => this.#forget(place));
    const own = { subject, id, csrf, startedAt, endsAt, ...(key && { key }) };
    this.#kept.set(place, { ...own, open: new Set(), cancel });
    if (key) this.#look ??= clock.after(lookMs, () => void this.#lookAgain());
  }

  /** What was ended elsewhere is cut here, while anything is open at all. */
  async #lookAgain(): Promise<void> {
    await this.#home?.fresh().catch(() => undefined);
    const key = await this.#home?.key().catch(() => undefined);
    const gone = (one: Kept) => one.key !== undefined && (key?.equals(one.key) === false || this.#home?.ended(one));
    for (const [place, one] of this.#kept) if (gone(one)) this.#forget(place);
    const more = [...this.#kept.values()].some((one) => one.key !== undefined);
    if (this.#look !== undefined)
      this.#look = more ? this.#options.clock.after(lookMs, () => void this.#lookAgain()) : undefined;
  }

  #forget(key: string): void {
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    found?.cancel();
    for (const response of found?.open ?? []) if (response.headersSent) response.destroy();
  }

  #makeRoom({ name, how }: Subject): void {
    const own = [...this.#kept.values()].filter(({ subject }) => subject.name === name && subject.how === how);
    // Who could not be told of it finds the session as old as it is.
    if (own.length > mostOfOne && own[0] !== undefined) this.end(own[0]).catch(() => undefined);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#forget(oldest);
  }
}
