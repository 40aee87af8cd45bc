import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../http/answer.ts";
import { cookieOf } from "../http/cookies.ts";
import { Attempts } from "./attempts.ts";
import { allRights, type Caller, noRights, type Rights, readingRights, type Subject, viewOnly } from "./caller.ts";
import { equal } from "./secrets.ts";
import type { LoggedIn, Sessions } from "./sessions.ts";

/** Whose token it is; undefined: not one of those that this verifier knows. `unavailable`: whoever could say does not answer. */
export type Verifier = (
  token: string,
) => Promise<Subject | { readonly refused: string; readonly unavailable?: true } | undefined>;

export interface GateOptions {
  /** Whoever has it may do everything; kept in a file that only its owner can read. */
  readonly token: string;
  /** Whether who asks may read without logging in; by default everybody may who reaches the port. */
  readonly mayRead?: (request: IncomingMessage) => Promise<boolean>;
  /** Tokens beside it, asked in turn. */
  readonly verifiers?: readonly Verifier[];
  /** Whom a proxy names that is trusted with it; undefined where the request comes from nobody of that kind. */
  readonly named?: (request: IncomingMessage) => Subject | undefined;
  /** What somebody may who is not the owner; by default nothing. */
  readonly rightsOf?: (subject: Subject) => Rights;
  /** Nobody changes anything but by the mesh's own token. */
  readonly viewOnly?: boolean;
}

/** Who asks, and by which session. */
export interface Known {
  readonly caller: Caller | undefined;
  readonly session?: { readonly id: string } & LoggedIn;
}

const owner: Subject = { name: "owner", groups: [], how: "owner" };
const machine: Subject = { name: "this machine", groups: [], how: "machine" };

/** Tells who asks. */
export class Gate {
  readonly #options: GateOptions;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;

  constructor(options: GateOptions, sessions: Sessions, now: () => number) {
    this.#options = options;
    this.#sessions = sessions;
    this.#attempts = new Attempts(now);
  }

  /** Who asks. Rejects with a Refusal: a token that is wrong, or too many of them. */
  async who(request: IncomingMessage): Promise<Known> {
    const named = this.#options.named?.(request);
    if (named !== undefined) return { caller: this.#with(named) };
    const token = bearerOf(request);
    if (token !== undefined) return { caller: this.#with(await this.verify(token, request)) };
    const id = cookieOf(request, "weft_session");
    const session = id === undefined ? undefined : await this.#sessions.find(id);
    if (session !== undefined) return { caller: this.#with(session.subject), session };
    const { mayRead } = this.#options;
    const reads = mayRead === undefined || (await mayRead(request));
    return { caller: reads ? { ...machine, rights: readingRights } : undefined };
  }

  /** Whose token it is. Rejects with a Refusal. The mesh's own is never made to wait: nobody guesses it, and nobody shall lock its owner out. */
  async verify(token: string, request: IncomingMessage): Promise<Subject> {
    if (equal(token, this.#options.token)) return owner;
    const address = request.socket.remoteAddress ?? "";
    const wait = this.#attempts.wait(address);
    if (wait > 0)
      throw new Refusal(429, "too many wrong tokens came from there", `wait ${wait} s`, {
        "retry-after": String(wait),
      });
    let refused = "it is none of this mesh's";
    for (const verifier of this.#options.verifiers ?? []) {
      const answer = await verifier(token);
      if (answer === undefined) continue;
      if (!("refused" in answer)) return answer;
      if (answer.unavailable === true) throw new Refusal(503, answer.refused, "try again in a moment");
      refused = answer.refused;
    }
    this.#attempts.wrong(address);
    throw needsLogin(`that token is not taken: ${refused}`);
  }

  /** Counts what was wrong that is no token: a one-time link, an answer of an issuer. Throws a Refusal where it was too often. */
  wrong(request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? "";
    const wait = this.#attempts.wait(address);
    this.#attempts.wrong(address);
    if (wait > 0)
      throw new Refusal(429, "too many wrong attempts came from there", `wait ${wait} s`, {
        "retry-after": String(wait),
      });
  }

  /** Whether somebody may change nothing, whatever their roles say. */
  viewOnly({ how }: Subject): boolean {
    return this.#options.viewOnly === true && how !== "owner";
  }

  #with(subject: Subject): Caller {
    if (subject.how === "owner") return { ...subject, rights: allRights };
    const rights = this.#options.rightsOf?.(subject) ?? noRights;
    return { ...subject, rights: this.viewOnly(subject) ? viewOnly(rights) : rights };
  }
}

/** A change must come from a page of ours, or from no browser: throws a Refusal for one that another page may have made. */
export function checkOwnPage(request: IncomingMessage, { caller, session }: Known): void {
  const carried = request.headers["x-weft-request"];
  if (session !== undefined && (typeof carried !== "string" || !equal(carried, session.csrf)))
    throw new Refusal(403, "the request does not carry what this session's page was given", "load the page again");
  const browsed = session !== undefined || caller?.how === "header";
  if (!browsed) return;
  if (carried === undefined || (request.headers["sec-fetch-site"] ?? "same-origin") !== "same-origin")
    throw new Refusal(403, "a page of another origin may not change anything here");
}

export function needsLogin(message: string): Refusal {
  return new Refusal(401, message, "log in, or use the weft command as the user who started this mesh", {
    "www-authenticate": 'Bearer realm="weft"',
  });
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  const [scheme, given] = (headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" && given !== undefined && given !== "" ? given : undefined;
}

/** The cookie of a session, for as long as it lasts. */
export function keepSession(response: ServerResponse, name: string, value: string, ms: number, secure: boolean): void {
  const parts = [`${name}=${value}`, "HttpOnly", "SameSite=Strict", "Path=/", `Max-Age=${Math.floor(ms / 1000)}`];
  response.appendHeader("set-cookie", [...parts, ...(secure ? ["Secure"] : [])].join("; "));
}
