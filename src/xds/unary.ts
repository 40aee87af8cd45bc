import type { ServerHttp2Stream } from "node:http2";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { FrameReader } from "./frames.ts";
import { GRPC, hangUp, type Refusal, statusTrailers } from "./grpc.ts";

/** Longest request of a unary method, in bytes. */
const REQUEST_LIMIT = 1 << 20;
const DEADLINE_MS = 30_000;

/** A gRPC method with one request and one response, both encoded; a refusal ends the call with its status. */
export type UnaryMethod<Request> = (message: Uint8Array, request: Request) => Promise<Uint8Array | Refusal>;

/** Serves one call of a unary method; whoever calls it has to be known by what `request` says, for nothing was checked before. */
export function serveUnary<Request>(
  stream: ServerHttp2Stream,
  request: Request,
  method: UnaryMethod<Request>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): void {
  const frames = new FrameReader(REQUEST_LIMIT);
  let begun = false;
  let ended = false;
  const end = (refusal: Refusal, body?: Buffer) => {
    if (ended) return;
    ended = true;
    cancel();
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      stream.sendTrailers(statusTrailers(refusal));
      hangUp(stream);
    });
    stream.end(body);
    stream.resume();
  };
  const cancel = clock.after(DEADLINE_MS, () =>
    end({ status: GRPC.deadlineExceeded, message: "the call took too long" }),
  );
  const run = (message: Uint8Array) =>
    method(message, request).then(
      (answer) => (answer instanceof Uint8Array ? end({ status: GRPC.ok, message: "" }, frame(answer)) : end(answer)),
      (error: Error) => {
        log.error("gRPC call failed", { error: error.stack });
        end({ status: GRPC.internal, message: "the control plane failed on this call; its log says why" });
      },
    );
  stream.on("data", (chunk: Buffer) => {
    if (begun || ended) return;
    const messages = frames.push(chunk);
    if (!Array.isArray(messages)) end(messages);
    else if (messages[0]) {
      begun = true;
      void run(Buffer.from(messages[0]));
    }
  });
  stream.on("end", () => {
    if (!begun) end({ status: GRPC.invalidArgument, message: "there is no request in this call" });
  });
  stream.on("close", () => {
    ended = true;
    cancel();
  });
}

function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
