import { request } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";

/** An answer of an HTTP server that was reached over a stream of its own. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks one thing over a stream, which ends with it. Rejects with what the stream errs with, or when `timeoutMs` have passed. */
export async function askThrough(
  stream: Duplex,
  path: string,
  { method = "GET", timeoutMs = 10_000 }: { readonly method?: "GET" | "POST"; readonly timeoutMs?: number } = {},
): Promise<Answer> {
  const late = setTimeout(() => stream.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const headers = { host: "localhost", connection: "close" };
      const outgoing = request({ path, method, headers, createConnection: () => stream }, (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      outgoing.once("error", reject);
      outgoing.end();
    });
  } finally {
    clearTimeout(late);
    stream.destroy();
  }
}
