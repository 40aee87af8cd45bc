import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import { dial } from "./dial.ts";
import { partsOf } from "./order.ts";
import type { Order } from "./wire.ts";

/** Connections that stay open between orders. What is said on one comes back. */
export class Streams {
  readonly #open = new Map<string, Duplex>();
  #count = 0;

  /** Opens one by an order of scheme `grpc`, `ws` or `tcp`. */
  async open(order: Order): Promise<{ id: string }> {
    const { socket } = await dial(order);
    const { host, port, path } = partsOf(order);
    const id = String(++this.#count);
    const authority = port === undefined ? host : `${host}:${port}`;
    if (order.url.startsWith("grpc:")) {
      const session = http2.connect(`http://${authority}`, { createConnection: () => socket });
      session.on("error", () => {});
      const headers = { "content-type": "application/grpc", te: "trailers" };
      const stream = session.request({ ":method": "POST", ":path": path, ":authority": authority, ...headers });
      stream.on("error", () => {});
      stream.on("close", () => session.destroy());
      this.#open.set(id, stream);
    } else if (order.url.startsWith("ws:")) {
      const headers = {
        ...{ host: authority, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      };
      const sent = http.request({ path, headers, createConnection: () => socket } as http.RequestOptions);
      sent.end();
      const [, upgraded] = (await once(sent, "upgrade")) as [unknown, Duplex];
      this.#open.set(id, upgraded);
    } else this.#open.set(id, socket);
    return { id };
  }

  /** Says something and waits for it to come back; tells what came instead where it ended. */
  async say(id: string, text: string): Promise<{ heard: string }> {
    const stream = this.#open.get(id);
    if (stream === undefined || stream.destroyed) return { heard: "it was closed before" };
    let heard = "";
    const collect = (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(text)) stream.emit("heard");
    };
    stream.on("data", collect);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(Buffer.byteLength(text), 1);
    const isGrpc = "rstCode" in stream;
    stream.write(isGrpc ? Buffer.concat([head, Buffer.from(text)]) : text);
    await Promise.race(["heard", "close", "end"].map((event) => once(stream, event).catch(() => {})));
    stream.off("data", collect);
    return { heard: heard.includes(text) ? text : `closed after ${JSON.stringify(heard)}` };
  }

  /** Ends our side of one of bytes; tells what the other still says. */
  async end(id: string): Promise<{ heard: string }> {
    const stream = this.#open.get(id) as Duplex;
    this.#open.delete(id);
    stream.end();
    let heard = "";
    for await (const chunk of stream as AsyncIterable<Buffer>) heard += chunk.toString();
    return { heard };
  }
}
