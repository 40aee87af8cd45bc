import type { IncomingMessage, ServerResponse } from "node:http";
import type { Login } from "../contract/session.ts";
import { Refusal } from "../http/answer.ts";
import type { EventClock } from "../http/events.ts";
import type { Route } from "../http/route.ts";
import type { MeshState } from "../state.ts";
import { admit, answered, isChange, type RouteNeeds } from "./admit.ts";
import { type AuditLog, noAudit } from "./audit.ts";
import { begunLogins } from "./begun-logins.ts";
import { type Caller, noRights, type Sight, type Subject } from "./caller.ts";
import { checkOwnPage, Gate, type GateOptions, type Known } from "./gate.ts";
import type { Oidc } from "./oidc.ts";
import { oidcPages } from "./oidc-pages.ts";
import { OneTime } from "./one-time.ts";
import type { SharedTexts } from "./session-home.ts";
import { Sessions } from "./sessions.ts";
import { namespacesIn } from "./views.ts";
import { beginSession, type WhoParts, whoRoutes } from "./who-routes.ts";

export interface WhoOptions extends GateOptions {
  readonly state: MeshState;
  readonly clock: EventClock;
  readonly secret: () => string;
  /** How to log in, for people. */
  readonly logins?: readonly Login[];
  /** What replicas share of sessions, and what outlives a restart; absent: sessions end with this process. */
  readonly sharedSessions?: SharedTexts;
  /** Where attempts to change something are kept. */
  readonly audit?: AuditLog;
  /** The issuer that people may log in by. */
  readonly oidc?: Oidc;
  /** A host that is reached by TLS though the connection here has none: a proxy stands before it. Cookies are then sent by TLS alone. */
  readonly https?: string;
}

/** Who was let in, and what they see. */
export interface Admitted {
  readonly caller: Caller;
  readonly sight: Sight;
  readonly note: (detail: string) => void;
}

/** Who asks, what they may, and what they did. */
export interface Who {
  readonly routes: readonly Route[];
  /** Lets somebody in to a route, or rejects with a Refusal; what changes something is put down either way. */
  admit(route: RouteNeeds, request: IncomingMessage, response: ServerResponse): Promise<Admitted>;
  /** A link with a one-time token: the page gets a session, and the token leaves the address bar. */
  openLink(pathname: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Pages that log in; answers whether the path was one. */
  page(pathname: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  loginPath(): string;
  close(): void;
}

/** The first link is printed where somebody may look for it a little later. */
const firstLinkMs = 10 * 60_000;
const owner: Subject = { name: "owner", groups: [], how: "owner" };
const nobody: Caller = { name: "nobody", groups: [], how: "machine", rights: noRights };

export function createWho(options: WhoOptions): Who {
  const { state, clock, secret, audit = noAudit } = options;
  const now = () => clock.now();
  const { sharedSessions: shared } = options;
  const sessions = new Sessions({ clock, random: secret, ...(shared && { shared }) });
  const gate = new Gate(options, sessions, now);
  const links = new OneTime<Subject>(now, secret);
  const sightOf = (caller: Caller) => answered(caller.rights.sees(() => namespacesIn(state.snapshot(), state)));
  const parts: WhoParts = {
    ...{ gate, sessions, links, audit, now, sightOf },
    logins: options.logins ?? [],
    secure: (request) => "encrypted" in request.socket || request.headers.host === options.https,
  };
  const enter = (subject: Subject, request: IncomingMessage, response: ServerResponse) =>
    beginSession(parts, subject, request, response);
  const pages =
    options.oidc &&
    oidcPages({
      ...{ oidc: options.oidc, secure: parts.secure, enter },
      begun: begunLogins(now, secret, () => sessions.key()),
    });
  return {
    routes: whoRoutes(parts),
    async admit(route, request, response) {
      const objects: string[] = [];
      const known: { is: Known } = { is: { caller: undefined } };
      if (isChange(route)) putDown(audit, now, { request, response, known, objects });
      const found = route.needs === "nothing" ? { caller: undefined } : await gate.who(request);
      known.is = found;
      const { caller = nobody, session } = found;
      const sight = await sightOf(caller);
      await admit(route, found.caller, sight);
      if (isChange(route)) checkOwnPage(request, found);
      if (session !== undefined) sessions.holds(session.id, response);
      return { caller, sight, note: (detail) => void objects.push(detail) };
    },
    async openLink(pathname, query, request, response) {
      const subject = links.redeem(query.get("token") ?? "");
      if (subject === undefined) {
        gate.wrong(request);
        throw new Refusal(401, "that link is used or over", "each is good once; weft dashboard makes another");
      }
      await beginSession(parts, subject, request, response);
      const rest = new URLSearchParams(query);
      rest.delete("token");
      const search = rest.size > 0 ? `?${rest}` : "";
      const path = `/${pathname.replace(/^\/+/, "")}`;
      response.writeHead(303, { location: path + search, "cache-control": "no-store" }).end();
    },
    page: async (...asked) => (pages === undefined ? false : pages(...asked)),
    loginPath: () => `/?token=${links.issue(owner, firstLinkMs)}`,
    close: () => sessions.close(),
  };
}

/** One line for each attempt to change something, when it was answered. */
function putDown(
  audit: AuditLog,
  now: () => number,
  {
    request,
    response,
    known,
    objects,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly known: { readonly is: Known };
    readonly objects: readonly string[];
  },
): void {
  const { method = "", url = "", socket } = request;
  const from = socket.remoteAddress ?? "";
  response.once("close", () => {
    const { caller } = known.is;
    audit.write({
      ...{ at: now(), who: caller?.name ?? "", how: caller?.how ?? "", from, method, path: url },
      ...{ status: response.writableEnded || response.headersSent ? response.statusCode : 0, objects },
    });
  });
}
