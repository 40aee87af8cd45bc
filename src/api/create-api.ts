import type { IncomingMessage, ServerResponse } from "node:http";
import type { SpanSource } from "../model/span.ts";
import type { History, Store } from "../store/store.ts";
import type { MeshActions } from "./actions.ts";
import { cliRoutes } from "./cli-routes.ts";
import { editRoutes } from "./edit-routes.ts";
import type { Editing } from "./editing.ts";
import { Refusal, sendRefusal } from "./http/answer.ts";
import { type EventClock, Events } from "./http/events.ts";
import { checkAuthority, checkOrigin, checkReader, secure, sessionCookie } from "./http/guard.ts";
import { findRoute, type Route } from "./http/route.ts";
import { serveStatic } from "./http/static-files.ts";
import { inventoryRoutes } from "./inventory-routes.ts";
import { readRoutes } from "./read-routes.ts";
import type { MeshState } from "./state.ts";
import { tapRoutes } from "./tap-routes.ts";
import { tracesRoutes } from "./traces-routes.ts";
import { Traffic } from "./traffic.ts";

export interface ApiOptions {
  readonly store: Store;
  /** Who is asked of traffic; the store where nobody is named. */
  readonly history?: History;
  /** Who keeps the traces; absent: nobody is asked for any. */
  readonly spans?: SpanSource;
  readonly state: MeshState;
  readonly actions: MeshActions;
  /** What an editor of configuration asks; absent where there is none. */
  readonly editing?: Editing;
  /** std's Clock. */
  readonly clock: EventClock;
  /** Folder of the built console. */
  readonly consoleDir: string;
  /** Whoever has it may change the mesh; kept in a file that only its owner can read. */
  readonly token: string;
  /** Host names, beside loopback's, under which the API is reached. */
  readonly hosts?: readonly string[];
  /** Whether who asks may read without the token; by default everybody may who reaches the port. */
  readonly mayRead?: (request: IncomingMessage) => Promise<boolean>;
  /** Serves `/metrics`; telemetry's `metricsPage`. */
  readonly metrics?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Bytes of a request's body; 16 MiB by default. */
  readonly bodyLimit?: number;
  /** Told of faults of ours, with the path. */
  readonly onFault?: (error: unknown, path: string) => void;
}

export interface Api {
  /** For `http.createServer`; the server listens on loopback. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Ends the event streams. */
  close(): void;
}

/** The HTTP API of the console and of the CLI, and the console itself. */
export function createApi(options: ApiOptions): Api {
  const { state, store, clock } = options;
  const events = new Events(clock);
  const traffic = new Traffic(options.history ?? store, store, () => state.about().startedAt);
  const readable = { state, store, traffic, events, now: () => clock.now() };
  const routes = [
    ...readRoutes(readable),
    ...inventoryRoutes(readable),
    ...editRoutes({ editing: options.editing }),
    ...(options.spans === undefined ? [] : tracesRoutes({ spans: options.spans, now: () => clock.now() })),
    ...tapRoutes({ state, tap: options.actions.tap, clock }),
    ...cliRoutes({ state, actions: options.actions, clock, bodyLimit: options.bodyLimit ?? 16 * 1024 * 1024 }),
  ];
  const stops = [
    state.onChange((topic) => events.changed(topic)),
    store.onWrite(() => {
      events.changed("graph");
      events.changed("workloads");
    }),
  ];
  return {
    handle: (request, response) => {
      answer(options, routes, request, response).catch((error: unknown) => {
        if (!(error instanceof Refusal)) options.onFault?.(error, request.url ?? "");
        sendRefusal(response, error);
      });
    },
    close: () => {
      for (const stop of stops) stop();
      traffic.close();
      events.close();
    },
  };
}

async function answer(
  options: ApiOptions,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  secure(response);
  checkOrigin(request, options);
  const target = request.url ?? "/";
  if (!target.startsWith("/") || !URL.canParse(`http://weft${target}`))
    throw new Refusal(400, "that is no path of this control plane");
  const { pathname, searchParams } = new URL(`http://weft${target}`);
  const method = request.method ?? "GET";
  if (pathname.startsWith("/api/")) {
    const { route, params } = findRoute(routes, method, pathname);
    if (route.method === "GET" || route.reads) await checkReader(request, options);
    else checkAuthority(request, options);
    await route.handle({ request, response, params, query: searchParams });
    return;
  }
  if (pathname === "/metrics" && options.metrics) {
    await checkReader(request, options);
    return options.metrics(request, response);
  }
  const token = searchParams.get("token");
  if (token !== null && method === "GET") return openSession(options, token, pathname, searchParams, request, response);
  await serveStatic(options.consoleDir, pathname, request, response);
}

/** The console's link with a token: the page gets a session, and the token leaves the address bar. */
function openSession(
  options: ApiOptions,
  token: string,
  pathname: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const cookie = sessionCookie(request, token, options);
  if (cookie === undefined)
    throw new Refusal(401, "that token is not this mesh's", "it has changed since: ask for the link again");
  const rest = new URLSearchParams(query);
  rest.delete("token");
  const search = rest.size > 0 ? `?${rest}` : "";
  const path = `/${pathname.replace(/^\/+/, "")}`;
  response.writeHead(303, { location: path + search, "set-cookie": cookie, "cache-control": "no-store" }).end();
}
