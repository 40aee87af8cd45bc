import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What must be so before proxies are sent here. */
export interface Readiness {
  /** One more that may wait: for what, in words for people; nothing once all is well. */
  add(waiting: () => readonly string[]): void;
  waiting(): readonly string[];
}

export function readiness(): Readiness {
  const parts: (() => readonly string[])[] = [];
  return {
    add: (waiting) => parts.push(waiting),
    waiting: () => parts.flatMap((part) => part()),
  };
}

/** What is waited for at first alone: once all was well, nothing any more. */
export function untilOnce(waiting: () => readonly string[]): () => readonly string[] {
  let well = false;
  return () => {
    const missing = well ? [] : waiting();
    well = missing.length === 0;
    return missing;
  };
}

/**
 * `/ready`: 200, or 503 with what is waited for, a line each. `/healthz`: 200 for as long as this process answers at all.
 * An API server that is away later changes neither: what was served stays served.
 */
export function healthServer(ready: Readiness): Server {
  return createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split("?")[0];
    if (path === "/healthz") return send(response, 200, "ok");
    if (path !== "/ready") return send(response, 404, "here are /ready and /healthz");
    const waiting = ready.waiting();
    return waiting.length === 0 ? send(response, 200, "ready") : send(response, 503, waiting.join("\n"));
  });
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
