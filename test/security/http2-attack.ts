import { once } from "node:events";
import type { Socket } from "node:net";
import { field, flags, frame, preface, settings } from "./frames.ts";
import { open, type Target } from "./raw-http.ts";

/** A client of HTTP/2 that sends what it likes. */
export interface Attacker {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  /** Writes frames until all are written or the other side has had enough. */
  flood(frames: Iterable<Buffer>): Promise<void>;
}

/** With `deaf`, it reads nothing of what it is told. */
export function attacker(target: Target, { deaf = false, first = settings() } = {}): Attacker {
  const socket = open(target);
  socket.on("error", () => {});
  const closed = once(socket, "close").catch(() => {});
  if (!deaf) socket.resume();
  socket.write(Buffer.concat([preface, first]));
  return {
    socket,
    closed,
    async flood(frames) {
      let count = 0;
      for (const bytes of frames) {
        if (socket.destroyed) return;
        const full = !socket.write(bytes);
        // What is written and what is heard take turns.
        if (count++ % 100 === 0) await new Promise((next) => setImmediate(next));
        if (full && !deaf) await Promise.race([new Promise((next) => socket.once("drain", next)), closed]);
      }
    },
  };
}

export function* times(count: number, make: (n: number) => Buffer): Generator<Buffer> {
  for (let n = 0; n < count; n++) yield make(n);
}

/** Number of a client's nth stream. */
export const id = (n: number) => 2 * n + 1;

/** The header block of a request; `more` are fields of it. */
export function block(path: string, ...more: readonly Buffer[]): Buffer {
  const named = [field(":method", "GET"), field(":scheme", "http"), field(":path", path), field(":authority", "app")];
  return Buffer.concat([...named, ...more]);
}

/** A whole request without a body. */
export const request = (n: number, path: string, ...more: readonly Buffer[]): Buffer =>
  frame("headers", id(n), block(path, ...more), flags.endHeaders | flags.endStream);
