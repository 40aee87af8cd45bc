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

/** Cuts a stream of bytes into gRPC messages, none longer than `limit`. */
export class FrameReader {
  readonly #limit: number;
  /** Grows by doubling, so that a peer that sends byte by byte costs no more than one that does not. */
  #buffer = Buffer.alloc(0);
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Messages that `chunk` completes, or why the stream must end. The messages are valid until the next call. */
  push(chunk: Buffer): Buffer[] | Refusal {
    const bytes = this.#append(chunk);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 5) {
      const length = bytes.readUInt32BE(at + 1);
      const refusal = this.#refuse(bytes[at] as number, length);
      if (refusal) return refusal;
      if (bytes.length - at - 5 < length) break;
      messages.push(bytes.subarray(at + 5, at + 5 + length));
      at += 5 + length;
    }
    this.#keep(bytes.subarray(at));
    return messages;
  }

  #refuse(flag: number, length: number): Refusal | undefined {
    if (flag === 1)
      return { status: GRPC.unimplemented, message: "compressed messages are not accepted; send them plain" };
    if (flag !== 0) return { status: GRPC.internal, message: "this is not a gRPC frame" };
    if (length <= this.#limit) return undefined;
    const message = `a request of ${length} bytes is over the limit of ${this.#limit}`;
    return { status: GRPC.resourceExhausted, message };
  }

  #append(chunk: Buffer): Buffer {
    if (this.#held === 0) return chunk;
    const size = this.#held + chunk.length;
    if (size > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#held);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#held);
    this.#held = size;
    return this.#buffer.subarray(0, size);
  }

  /** A copy: what is returned to the caller must not move, and a chunk's memory is not ours to hold. */
  #keep(rest: Buffer): void {
    if (rest.length === this.#held && this.#held > 0) return;
    this.#buffer = Buffer.from(rest);
    this.#held = rest.length;
  }
}
