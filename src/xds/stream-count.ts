import type { ServerHttp2Stream } from "node:http2";
import { GRPC, type Refusal } from "./grpc.ts";

/** Streams of xDS on one connection; Envoy has two or three. */
const MOST = 32;
const tooMany: Refusal = {
  status: GRPC.resourceExhausted,
  message: `there are ${MOST} streams on this connection already`,
};

/** Counts a stream until it closes; the answer refuses one too many on its connection. */
export function streamsPerConnection(): (stream: ServerHttp2Stream) => Refusal | undefined {
  const counts = new WeakMap<object, number>();
  return (stream) => {
    const { session } = stream;
    if (session === undefined) return tooMany;
    const before = counts.get(session) ?? 0;
    if (before >= MOST) return tooMany;
    counts.set(session, before + 1);
    stream.once("close", () => counts.set(session, (counts.get(session) ?? 1) - 1));
    return undefined;
  };
}
