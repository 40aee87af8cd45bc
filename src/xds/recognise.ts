import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { GRPC, hangUp, type Refusal, statusTrailers } from "./grpc.ts";
import type { Strangers } from "./strangers.ts";

/** Who opens a stream is known within this time, or the stream ends. */
const RECOGNISED_MS = 20_000;

interface Recognition<Request, Peer> {
  readonly clock: Clock;
  readonly log: Log;
  readonly strangers: Strangers;
  onStranger?(request: Request): void;
  authenticate(request: Request): Promise<{ readonly peer: Peer } | { readonly refusal: Refusal }>;
}

/** Who opened a stream; undefined where it was refused or is gone. Nothing of its body is read before the answer. */
export function recogniser<
  Request extends { readonly remoteAddress: string; readonly headers: IncomingHttpHeaders },
  Peer,
>(options: Recognition<Request, Peer>): (stream: ServerHttp2Stream, request: Request) => Promise<Peer | undefined> {
  const { clock, log, strangers } = options;
  return async (stream, request) => {
    const { session } = stream;
    const { remoteAddress } = request;
    const answer = await within(clock, options.authenticate(request)).catch((error: Error) => {
      log.error("authentication failed to run", { remoteAddress, error: error.message });
      return { refusal: { status: GRPC.unavailable, message: "identities cannot be checked now; try again" } };
    });
    if ("refusal" in answer) {
      log.warn("stream refused", { remoteAddress, method: request.headers[":path"], reason: answer.refusal.message });
      options.onStranger?.(request);
      strangers.refused(session);
    } else strangers.recognised(session);
    if (stream.destroyed || stream.aborted) return undefined;
    if ("peer" in answer) return answer.peer;
    refuse(stream, answer.refusal);
    return undefined;
  };
}

/** An answer in time, or a rejection. */
function within<T>(clock: Clock, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(RECOGNISED_MS, () => reject(new Error("it took too long")));
    answer.finally(cancel).then(resolve, reject);
  });
}

/** A refusal as gRPC sends it when there is nothing else to say: headers alone. */
export function refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", ...statusTrailers(refusal) },
    { endStream: true },
  );
  stream.resume();
  hangUp(stream);
}
