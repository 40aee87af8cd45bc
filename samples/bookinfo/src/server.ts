import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a handler sees it. */
export interface Ask {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body as text; throws a TooLarge above 64 KiB. */
  readonly body: () => Promise<string>;
}

/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One application: everything but the socket. */
export type Handler = (ask: Ask) => Promise<Reply>;

/** A server that runs. `close` lets requests under way finish, then frees the port. */
export interface Running {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Longer than Envoy keeps an idle upstream connection (1 h), so that the application never closes one that Envoy is about to use. */
const KEEP_ALIVE_MS = 65 * 60_000;
const MOST_BODY_BYTES = 64 * 1024;

/** Thrown by `Ask.body` for a body above 64 KiB; answered with 413. */
class TooLarge extends Error {}

/** A JSON answer. */
export function json(status: number, value: unknown): Reply {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: `${JSON.stringify(value)}\n` };
}

/** Where to listen: a port of one address, or of all. */
export interface Door {
  readonly host: string | undefined;
  readonly port: number;
}

/** Serves `handler` at a door, with `/health` added. `log` gets one line a request. */
export async function serve(
  service: string,
  door: Door,
  handler: Handler,
  log: (line: string) => void,
): Promise<Running> {
  let stopping = false;
  const server = createServer((request, response) => {
    void answer(service, handler, request, response, () => stopping, log);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: door.port, ...(door.host === undefined ? {} : { host: door.host }) }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      stopping = true;
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
}

async function answer(
  service: string,
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  stopping: () => boolean,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  const { pathname } = targetOf(request);
  const reply = await replyTo(service, handler, request, stopping, log);
  if (stopping()) response.setHeader("connection", "close");
  response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.body) });
  response.end(request.method === "HEAD" ? undefined : reply.body);
  if (pathname === "/health") return;
  const user = request.headers["end-user"];
  const took = Math.round(performance.now() - started);
  log(`${request.method} ${request.url} ${reply.status} ${took}ms${user === undefined ? "" : ` end-user=${user}`}`);
}

async function replyTo(
  service: string,
  handler: Handler,
  request: IncomingMessage,
  stopping: () => boolean,
  log: (line: string) => void,
): Promise<Reply> {
  const url = targetOf(request);
  if (url.pathname === "/health") {
    return stopping()
      ? json(503, { status: `${service} is stopping` })
      : json(200, { status: `${service} is healthy` });
  }
  try {
    const ask = { method: request.method ?? "GET", url, headers: request.headers, body: () => readBody(request) };
    return await handler(ask);
  } catch (error) {
    if (error instanceof TooLarge) return json(413, { error: error.message });
    log(`${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return json(500, { error: `${service} failed on this request; its log has the reason` });
  }
}

/** The path and query, whatever the caller sent as Host. A request target that is no URL counts as "/". */
function targetOf(request: IncomingMessage): URL {
  const target = request.url ?? "/";
  const text = target.startsWith("/") ? `http://service${target}` : target;
  return URL.canParse(text) ? new URL(text) : new URL("http://service/");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BODY_BYTES) throw new TooLarge(`the body is larger than ${MOST_BODY_BYTES} bytes; send less`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
