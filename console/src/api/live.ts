import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { ChangeEvent } from "../../../src/api/contract/events.ts";
import { currentPace, refreshNow } from "./pace.ts";

/** `live`: told of every change. `away`: no control plane answers; asked again every few seconds. */
export type LiveState = "connecting" | "live" | "away";

/** Several events of one topic within this time cause one question. */
const gather = 1000;
const firstWait = 500;
const longestWait = 5000;

/** Follows `/api/v1/events` for as long as the page is open, one stream for all of it, and connects again by itself. */
export class Live {
  #state: LiveState = "connecting";
  readonly #client: QueryClient;
  readonly #listeners = new Set<() => void>();
  /** Topics of which something was heard and nothing asked since. */
  readonly #pending = new Set<ChangeEvent["topic"]>();
  #wait = firstWait;

  constructor(client: QueryClient) {
    this.#client = client;
    document.addEventListener("visibilitychange", () => this.#askAgain());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): LiveState => this.#state;

  /** Connects; never throws. */
  start(): void {
    const source = new EventSource(new URL("api/v1/events", document.baseURI));
    source.onopen = () => {
      this.#wait = firstWait;
      const again = this.#state === "away";
      this.#set("live");
      if (again) void refreshNow(this.#client);
    };
    source.onmessage = (message: MessageEvent<string>) => this.#hear(message.data);
    source.onerror = () => {
      // The browser gives up for good after some answers (a 502 of a proxy, say), so the waiting is ours.
      source.close();
      this.#set("away");
      setTimeout(() => this.start(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, longestWait);
    };
  }

  #hear(data: string): void {
    const topic = topicOf(data);
    if (topic === undefined || this.#pending.has(topic)) return;
    this.#pending.add(topic);
    setTimeout(() => this.#askAgain(), gather);
  }

  /** A page that nobody sees, or that has a pace of its own, is not told; one that comes into sight is told what it missed. */
  #askAgain(): void {
    if (document.hidden) return;
    const topics = [...this.#pending];
    this.#pending.clear();
    if (currentPace() !== "live") return;
    for (const topic of topics) void this.#client.invalidateQueries({ queryKey: [topic] });
  }

  #set(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function topicOf(data: string): ChangeEvent["topic"] | undefined {
  try {
    return (JSON.parse(data) as ChangeEvent).topic;
  } catch {
    return undefined;
  }
}

/** The state of the stream, for components. */
export function useLive(live: Live): LiveState {
  return useSyncExternalStore(live.subscribe, live.state);
}
