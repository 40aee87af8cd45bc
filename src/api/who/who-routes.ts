import type { IncomingMessage, ServerResponse } from "node:http";
import type { Audit, Login, LoginLink, May, Session, Who } from "../contract/session.ts";
import { Refusal, readBody, sendJson } from "../http/answer.ts";
import { cookieName } from "../http/cookies.ts";
import type { Call, Route } from "../http/route.ts";
import { wordsOf } from "./admit.ts";
import type { AuditLog } from "./audit.ts";
import type { Caller, Change, Sight, Subject } from "./caller.ts";
import { type Gate, keepSession } from "./gate.ts";
import type { OneTime } from "./one-time.ts";
import { type Sessions, sessionMs } from "./sessions.ts";

export interface WhoParts {
  readonly gate: Gate;
  readonly sessions: Sessions;
  /** Links that log in, once. */
  readonly links: OneTime<Subject>;
  readonly logins: readonly Login[];
  readonly audit: AuditLog;
  readonly now: () => number;
  /** Whether the page was loaded by TLS, so that its cookie is sent by TLS alone. */
  readonly secure: (request: IncomingMessage) => boolean;
  readonly sightOf: (caller: Caller) => Promise<Sight>;
}

const linkMs = 5 * 60_000;
/** A token is no longer than this. */
const mostToken = 64 * 1024;

/** Logging in and out, and what one may. */
export function whoRoutes(parts: WhoParts): Route[] {
  const { sessions, links, audit } = parts;
  const route = (
    method: Route["method"],
    path: string,
    needs: Exclude<Route["needs"], undefined>,
    handle: Route["handle"],
  ): Route => ({ method, path: `/api/v1/${path}`, needs, handle });
  return [
    route("GET", "session", "nothing", async (call) => sendJson(call.response, await sessionAnswer(parts, call))),
    route("GET", "may", "sight", async ({ query, caller, response }) => {
      sendJson(response, await mayAnswer(caller, query));
    }),
    route("POST", "login", "nothing", (call) => loginAnswer(parts, call)),
    route("POST", "logout", "nothing", async ({ request, response }) => {
      const { session } = await parts.gate.who(request);
      keepSession(response, cookieName(request, "weft_session"), "", 0, parts.secure(request));
      if (session !== undefined) await sessions.end(session);
      sendJson(response, { out: true });
    }),
    route("POST", "login-links", "operate", ({ caller, response }) => {
      const { rights: _, ...subject } = caller;
      const path = `/?token=${links.issue(subject, linkMs)}`;
      sendJson(response, { path, goodUntil: parts.now() + linkMs } satisfies LoginLink);
    }),
    route("POST", "sessions/end", "operate", async ({ request, response }) => {
      keepSession(response, cookieName(request, "weft_session"), "", 0, parts.secure(request));
      await sessions.endAll();
      sendJson(response, { out: true });
    }),
    route("GET", "audit", "operate", ({ response }) => {
      sendJson(response, { records: audit.latest(500) } satisfies Audit);
    }),
  ];
}

async function sessionAnswer(parts: WhoParts, { request }: Call): Promise<Session> {
  const { caller, session } = await parts.gate.who(request);
  const base = { logins: parts.logins, csrf: session?.csrf ?? "1" };
  if (caller === undefined) return base;
  const [sight, operates] = await Promise.all([parts.sightOf(caller), caller.rights.may({ what: "operate" })]);
  const { name, groups, how } = caller;
  const who: Who = {
    ...{ name, groups, how, operates },
    namespaces: sight === "all" ? "all" : [...sight].sort(),
    viewOnly: how === "machine" || parts.gate.viewOnly(caller),
    ...(session === undefined ? {} : { endsAt: session.endsAt }),
  };
  return { ...base, who };
}

const changes = ["create", "update", "delete"] as const;

async function mayAnswer(caller: Caller, query: URLSearchParams): Promise<May> {
  const need = (name: string) => query.get(name) ?? "";
  const what = changes.find((one) => one === query.get("what"));
  if (what === undefined || need("type") === "")
    throw new Refusal(400, "what shall be allowed is missing", `add ?what=${changes.join("|")}&type=&namespace=&name=`);
  const act: Change = { what, type: need("type"), namespace: need("namespace"), name: need("name") };
  if (caller.how === "machine") return { allowed: false, why: "nobody has logged in here" };
  if (await caller.rights.may(act)) return { allowed: true };
  return { allowed: false, why: `${caller.name} may not ${wordsOf(act)}` };
}

async function loginAnswer(parts: WhoParts, { request, response }: Call): Promise<void> {
  const token = tokenIn(await readBody(request, mostToken));
  const subject = await parts.gate.verify(token, request);
  await beginSession(parts, subject, request, response);
  sendJson(response, { name: subject.name });
}

/** The answer gets the session's cookie. Of whoever came with a session, that one ends: nobody goes on in one that was begun by another. */
export async function beginSession(
  { sessions, secure }: Pick<WhoParts, "sessions" | "secure">,
  subject: Subject,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = await sessions.begin(subject);
  keepSession(response, cookieName(request, "weft_session"), id, sessionMs, secure(request));
}

function tokenIn(body: string): string {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    // Told below.
  }
  const token = (read as { readonly token?: unknown } | undefined)?.token;
  if (typeof token === "string" && token.trim() !== "") return token.trim();
  throw new Refusal(400, "there is no token in that", 'send {"token": "..."}');
}
