import { GRPC, type Refusal } from "./grpc.ts";
import type { Shelf } from "./shelf.ts";

const tooMuch: Refusal = {
  status: GRPC.resourceExhausted,
  message: "too much of unfinished requests is held for this address; send them one after the other",
};

/** Cuts a stream of bytes into gRPC messages, none longer than `limit`; the beginning of one that is not whole yet lies on `shelf`. */
export class FrameReader {
  readonly #limit: number;
  readonly #shelf: Shelf | undefined;
  /** Bytes on the shelf. */
  #shelved = 0;
  /** Grows by doubling, so that a peer that sends byte by byte costs no more than one that does not. */
  #buffer = Buffer.alloc(0);
  #held = 0;

  constructor(limit: number, shelf?: Shelf) {
    this.#limit = limit;
    this.#shelf = shelf;
  }

  /** Whether a message has begun that is not whole. */
  get begun(): boolean {
    return this.#held > 0;
  }

  /** Nothing more comes: what was held is let go. */
  drop(): void {
    this.#shelf?.change(-this.#shelved);
    this.#shelved = 0;
    this.#held = 0;
    this.#buffer = Buffer.alloc(0);
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
    return this.#shelve() ? messages : tooMuch;
  }

  /** Whether there is room for what is held now. */
  #shelve(): boolean {
    const change = this.#buffer.length - this.#shelved;
    if (change > 0 && this.#shelf?.change(change) === false) return false;
    if (change < 0) this.#shelf?.change(change);
    this.#shelved = this.#buffer.length;
    return true;
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
