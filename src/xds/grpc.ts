import { constants, type ServerHttp2Stream } from "node:http2";

/** gRPC status codes that are said here: https://grpc.io/docs/guides/status-codes/. */
export const GRPC = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Why a stream ends: a gRPC status and words for the log on the other side. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Status as trailers; the message is percent-encoded as gRPC over HTTP/2 asks. */
export function statusTrailers(refusal: Refusal): Record<string, string> {
  const trailers: Record<string, string> = { "grpc-status": String(refusal.status) };
  if (refusal.message) trailers["grpc-message"] = encodeMessage(refusal.message);
  return trailers;
}

function encodeMessage(message: string): string {
  return [...Buffer.from(message.slice(0, 1024))]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}

/** Lets go of a stream whose last word was sent, also when the peer keeps its own half open. */
export function hangUp(stream: ServerHttp2Stream): void {
  setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
}
