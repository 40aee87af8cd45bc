import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiError } from "../contract/error.ts";

/** What a handler throws to answer with a status that is not 2xx. `message` and `fix` are for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly fix: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, fix?: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.fix = fix;
    this.headers = headers;
  }
}

/** Answers with JSON that nobody keeps. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    "cache-control": "no-store",
  });
  response.end(bytes);
}

/** Answers what a handler threw. Anything but a Refusal is a fault of ours: its text stays in the log. */
export function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known =
    error instanceof Refusal ? error : new Refusal(500, "the control plane failed to answer", "its log says why");
  for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value);
  const body: ApiError = known.fix === undefined ? { error: known.message } : { error: known.message, fix: known.fix };
  sendJson(response, body, known.status);
}

/** A request's body as text. Refuses more than `limit` bytes (413) and what is not UTF-8 (400). */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLong = () =>
    new Refusal(413, `the body is longer than ${limit} bytes`, "send it in parts", { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLong();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLong();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refusal(400, "the body is not UTF-8", "save the file as UTF-8");
  }
}
