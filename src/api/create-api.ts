import type { IncomingMessage, ServerResponse } from "node:http";
import type { SpanSource } from "../model/span.ts";
import type { History, Store } from "../store/store.ts";
import type { MeshActions } from "./actions.ts";
import { changeRoutes } from "./change-routes.ts";
import { checkRoutes } from "./check-routes.ts";
import { cliRoutes } from "./cli-routes.ts";
import { codeRoutes } from "./code-routes.ts";
import { editRoutes } from "./edit-routes.ts";
import type { Editing } from "./editing.ts";
import { Refusal, sendRefusal } from "./http/answer.ts";
import { type EventClock, Events } from "./http/events.ts";
import { checkOrigin, secure } from "./http/guard.ts";
import { OpenStreams } from "./http/open-streams.ts";
import { findRoute, type Route } from "./http/route.ts";
import { serveStatic } from "./http/static-files.ts";
import { injectionRoutes } from "./injection-routes.ts";
import { inventoryRoutes } from "./inventory-routes.ts";
import { logLevelRoutes } from "./log-level-routes.ts";
import { logRoutes } from "./log-routes.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { readRoutes } from "./read-routes.ts";
import { requestsRoutes } from "./requests-routes.ts";
import type { MeshState } from "./state.ts";
import { tapRoutes } from "./tap-routes.ts";
import { seenSpans } from "./traces/seen.ts";
import { tracesRoutes } from "./traces-routes.ts";
import { type View, Views } from "./who/views.ts";
import { createWho, type Who, type WhoOptions } from "./who/who.ts";
import { writingRoutes } from "./writing-routes.ts";

export interface ApiOptions extends WhoOptions {
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
  /** Host names, beside loopback's, under which the API is reached. */
  readonly hosts?: readonly string[];
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
  /** Where a browser is logged in as the owner, once, within ten minutes: `/?token=...`. */
  readonly loginPath: () => string;
  /** Every route, and what it needs. */
  readonly routes: readonly Omit<Route, "handle">[];
  /** Ends the event streams. */
  close(): void;
}

/** The HTTP API of the console and of the CLI, and the console itself. */
export function createApi(options: ApiOptions): Api {
  const { state, store, history = store, actions, clock } = options;
  const events = new Events(clock);
  const who = createWho(options);
  const whole = { state, store, history, actions };
  const streams = { events, logs: new OpenStreams(mostLogs) };
  const views = new Views(whole, (view) => [...routesOf(options, view, streams), ...who.routes]);
  const stops = [
    state.onChange((topic) => events.changed(topic)),
    store.onWrite(() => {
      events.changed("graph");
      events.changed("workloads");
    }),
  ];
  return {
    handle: (request, response) => {
      answer(options, { who, views }, request, response).catch((error: unknown) => {
        if (!(error instanceof Refusal)) options.onFault?.(error, request.url ?? "");
        sendRefusal(response, error);
      });
    },
    loginPath: () => who.loginPath(),
    routes: views.routes("all"),
    close: () => {
      for (const stop of stops) stop();
      who.close();
      views.close();
      events.close();
    },
  };
}

/** Answers that go on. */
interface Streams {
  readonly events: Events;
  readonly logs: OpenStreams;
}

/** Logs that are read at once: a page reads ten. */
const mostLogs = 200;

/** Everything that is asked of the mesh. What a view shows is all that a route may tell to those who see no more (`Route.needs`). */
function routesOf(options: ApiOptions, view: View, streams: Streams): readonly Route[] {
  const { clock, editing, spans, bodyLimit = 16 * 1024 * 1024 } = options;
  const readable = { ...view, events: streams.events, now: () => clock.now() };
  return [
    ...readRoutes(readable),
    ...inventoryRoutes(readable),
    ...checkRoutes(readable, view.actions),
    ...metricsRoutes(readable),
    ...codeRoutes(),
    ...editRoutes({ editing, sight: view.sight }),
    ...(spans === undefined ? [] : tracesRoutes({ spans: seenSpans(spans, view.sight), now: () => clock.now() })),
    ...requestsRoutes({ state: view.state, requests: view.actions.requests, now: () => clock.now() }),
    ...writingRoutes(view),
    ...injectionRoutes(view),
    ...tapRoutes({ state: view.state, tap: view.actions.tap, clock }),
    ...cliRoutes({ ...view, clock, bodyLimit }),
    ...logRoutes({ state: view.state, logs: view.actions.logs, streams: streams.logs }),
    ...logLevelRoutes(view),
    ...changeRoutes({ ...view, clock, bodyLimit }),
  ];
}

async function answer(
  options: ApiOptions,
  { who, views }: { readonly who: Who; readonly views: Views },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  secure(response);
  checkOrigin(request, options.hosts ?? []);
  const target = request.url ?? "/";
  if (!target.startsWith("/") || !URL.canParse(`http://weft${target}`))
    throw new Refusal(400, "that is no path of this control plane");
  const { pathname, searchParams: query } = new URL(`http://weft${target}`);
  const method = request.method ?? "GET";
  if (pathname.startsWith("/api/")) {
    const { route: wanted } = findRoute(views.routes("all"), method, pathname);
    const { caller, sight, note } = await who.admit(wanted, request, response);
    const { route, params } = findRoute(views.routes(sight), method, pathname);
    await route.handle({ request, response, params, query, caller, note });
    return;
  }
  if (pathname === "/metrics" && options.metrics) {
    await who.admit({ method: "GET" }, request, response);
    return options.metrics(request, response);
  }
  if (query.get("token") !== null && method === "GET") return who.openLink(pathname, query, request, response);
  if (method === "GET" && (await who.page(pathname, query, request, response))) return;
  await serveStatic({ folder: options.consoleDir, nonce: options.secret }, pathname, request, response);
}
