import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";

/** Longest body, in bytes. */
const BODY_LIMIT = 1 << 20;
const DEADLINE_MS = 30_000;

/** Takes a body that a proxy posted, and answers with an HTTP status. `peer` was verified before anything of the body is read. */
export type PostMethod<Peer> = (peer: Peer, body: Buffer, headers: IncomingHttpHeaders) => number;

/** Serves one POST that is no gRPC: what a proxy tells and waits for no answer to. */
export function servePost(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  take: (body: Buffer) => number,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): void {
  const parts: Buffer[] = [];
  let length = 0;
  let ended = false;
  const end = (status: number) => {
    if (ended) return;
    ended = true;
    cancel();
    parts.length = 0;
    if (stream.destroyed) return;
    stream.respond({ ":status": status }, { endStream: true });
    stream.resume();
  };
  const cancel = clock.after(DEADLINE_MS, () => end(408));
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > BODY_LIMIT) end(413);
    else if (!ended) parts.push(chunk);
  });
  stream.on("end", () => {
    if (ended) return;
    try {
      end(take(Buffer.concat(parts)));
    } catch (error) {
      log.error("what a proxy posted cannot be taken", { path: headers[":path"], error: (error as Error).stack });
      end(500);
    }
  });
  stream.on("close", () => {
    ended = true;
    cancel();
  });
}
