import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Registry } from "prom-client";
import { contentType, mergedText, type ProxyAnswer } from "./merged.ts";

/**
 * The `/metrics` page: the control plane's own metrics, then every proxy's Istio series. Answers GET and HEAD; compresses for who accepts it
 * (a Prometheus does). The caller chooses the path and the port.
 */
export function metricsPage(registry: Registry, answers: () => readonly ProxyAnswer[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const gzip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    response.writeHead(200, {
      "content-type": contentType,
      ...(gzip ? { "content-encoding": "gzip" } : {}),
      vary: "accept-encoding",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const own = await registry.metrics();
    const text = Readable.from(page(own, answers()));
    try {
      await (gzip ? pipeline(text, createGzip({ level: 1 }), response) : pipeline(text, response));
    } catch {
      response.destroy();
    }
  };
}

function* page(own: string, answers: readonly ProxyAnswer[]): Generator<string> {
  yield own.endsWith("\n") || own === "" ? own : `${own}\n`;
  yield* mergedText(answers);
}
