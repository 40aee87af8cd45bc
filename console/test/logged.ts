import type { IncomingMessage, ServerResponse } from "node:http";
import type { LogLevel, LogLevels } from "../../src/api/contract/log-levels.ts";

const proxy = [
  '[2026-11-22T12:00:01.000Z] "GET /reviews/0 HTTP/1.1" 200 "9c1b6c2a-0b7e-9d3c-8a57-0d5c0f3d7f11"',
  '[2026-11-22T12:00:03.000Z] "GET /reviews/1 HTTP/1.1" 503 "9c1b6c2a-0b7e-9d3c-8a57-0d5c0f3d7f12"',
];
const application = ['{"time":1795348802000,"msg":"asked ratings","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}'];

/** Levels that were set, by proxy and logger. */
const set = new Map<string, LogLevel>();

/** Logs and their levels, made up; answers whether the path was one of theirs. */
export function answerLogs(url: URL, request: IncomingMessage, response: ServerResponse): boolean {
  const [, , , head, id = "", last] = url.pathname.split("/").map(decodeURIComponent);
  if (head === "logs") {
    const lines = url.searchParams.get("container") === "proxy" ? proxy : application;
    const [show, hide] = [url.searchParams.get("show") ?? "", url.searchParams.get("hide")];
    if (show === "[") {
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error":"show: RE2 does not take it: missing ]: ["}');
      return true;
    }
    const wanted = lines.filter(
      (line) => line.toLowerCase().includes(show.toLowerCase()) && (hide === null || !line.includes(hide)),
    );
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    response.end(wanted.map((line) => `${line}\n`).join(""));
    return true;
  }
  if (head !== "proxies" || last !== "log-levels") return false;
  const names = ["admin", "http", "rbac"];
  const level = url.searchParams.get("level") as LogLevel | null;
  for (const name of names)
    if (request.method === "POST" && level && (url.searchParams.get("logger") ?? name) === name)
      set.set(`${id} ${name}`, level);
  const loggers = names.map((name) => ({ name, level: set.get(`${id} ${name}`) ?? ("warning" as const) }));
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ proxy: id, loggers, usual: "warning" } satisfies LogLevels));
  return true;
}
