import type { ServerHttp2Stream } from "node:http2";
import { FrameReader } from "./frames.ts";
import { GRPC, type Refusal } from "./grpc.ts";
import { refuse } from "./recognise.ts";

/** Longest message of a stream of a client's, in bytes: Envoy sends what it gathered beyond 16 KiB, so one entry makes it longer than that. */
const MESSAGE_LIMIT = 1 << 20;

/** Takes one message of a stream; a refusal ends it. */
export type TakeMessage = (message: Uint8Array) => Refusal | undefined;

/** A gRPC method that is sent messages and answers nothing before the end. `peer` was verified before anything of the stream's body is read. */
export type ClientStreamMethod<Peer> = (peer: Peer) => TakeMessage | Refusal;

/** Serves one call of such a method, by its answer. */
export function serveClientStream(stream: ServerHttp2Stream, take: TakeMessage | Refusal): void {
  if (typeof take !== "function") {
    refuse(stream, take);
    return;
  }
  const frames = new FrameReader(MESSAGE_LIMIT);
  let ended = false;
  const end = (refusal: Refusal) => {
    if (ended) return;
    ended = true;
    if (!stream.destroyed) refuse(stream, refusal);
  };
  stream.on("close", () => {
    ended = true;
  });
  stream.on("data", (chunk: Buffer) => {
    if (ended) return;
    const messages = frames.push(chunk);
    const refusal = Array.isArray(messages) ? first(messages, take) : messages;
    if (refusal) end(refusal);
  });
  stream.on("end", () => end({ status: GRPC.ok, message: "" }));
}

function first(messages: readonly Buffer[], take: TakeMessage): Refusal | undefined {
  for (const message of messages) {
    const refusal = take(message);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
