import type { ServerResponse } from "node:http";
import type { ChangeEvent } from "../contract/events.ts";
import { Refusal } from "./answer.ts";

/** Time as std/ has it. */
export interface EventClock {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

const gather = 200;
const heartbeat = 15_000;
const mostClients = 64;
/** Bytes that a client may leave unread before it is let go; it connects again. */
const mostUnread = 64_000;

/** The stream of changes. Changes of one topic within a fifth of a second are one event. */
export class Events {
  readonly #clock: EventClock;
  readonly #clients = new Set<ServerResponse>();
  readonly #pending = new Set<ChangeEvent["topic"]>();
  #cancelFlush: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;

  constructor(clock: EventClock) {
    this.#clock = clock;
  }

  /** Answers with the stream, until the client goes. */
  serve(response: ServerResponse): void {
    if (this.#clients.size >= mostClients)
      throw new Refusal(503, "too many pages listen already", "close some of them");
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.write("retry: 1000\n\n");
    this.#clients.add(response);
    const leave = () => {
      this.#clients.delete(response);
      if (this.#clients.size === 0) this.#cancelBeat?.();
    };
    response.on("close", leave).on("error", leave);
    if (this.#clients.size === 1) this.#beat();
  }

  changed(topic: ChangeEvent["topic"]): void {
    if (this.#clients.size === 0) return;
    this.#pending.add(topic);
    this.#cancelFlush ??= this.#clock.after(gather, () => this.#flush());
  }

  close(): void {
    this.#cancelFlush?.();
    this.#cancelBeat?.();
    for (const client of this.#clients) client.end();
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    const at = this.#clock.now();
    const events = [...this.#pending].map((topic): ChangeEvent => ({ topic, at }));
    this.#pending.clear();
    this.#send(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  }

  #beat(): void {
    this.#cancelBeat = this.#clock.after(heartbeat, () => {
      this.#send(": still here\n\n");
      if (this.#clients.size > 0) this.#beat();
    });
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > mostUnread) client.destroy();
      else client.write(text);
    }
  }
}
