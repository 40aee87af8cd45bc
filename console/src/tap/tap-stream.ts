import type { ApiError } from "../../../src/api/contract/error.ts";
import type { KeptRequests } from "../../../src/api/contract/requests.ts";
import type { TapEvent, TapRequest, TapState } from "../../../src/api/contract/tap.ts";
import { get } from "../api/client.ts";

/** A request as the page keeps it. */
export interface Tapped extends TapRequest {
  /** Counts up; names it for as long as the page is open. */
  readonly id: number;
}

export interface TapView {
  /** The latest first. */
  readonly rows: readonly Tapped[];
  readonly state?: TapState;
  /** Why nothing comes. */
  readonly failure?: string;
}

/** Requests that the page keeps. */
const mostRows = 1000;

/** How often what has come is shown, in milliseconds. */
const showEvery = 250;

/** The stream of requests, and what it brought; what it brought stays when the stream is paused. */
export class TapStream {
  #view: TapView = { rows: [] };
  #waiting: Tapped[] = [];
  #next = 1;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): TapView => this.#view;

  /** Watches from now on; the answer ends it. */
  open(query: string): () => void {
    const address = new URL(`api/v1/tap?${query}`, document.baseURI);
    const source = new EventSource(address);
    this.#source?.close();
    this.#source = source;
    source.onmessage = (message: MessageEvent<string>) => this.#hear(JSON.parse(message.data) as TapEvent);
    source.onopen = () => {
      this.#show({ failure: undefined });
      if (this.#view.rows.length === 0) void this.#kept(query);
    };
    source.onerror = () => {
      this.#show({ failure: "The control plane does not answer. It is asked again." });
      if (source.readyState === EventSource.CLOSED) void this.#why(address);
    };
    return () => source.close();
  }

  clear(): void {
    this.#waiting = [];
    this.#show({ rows: [] });
  }

  #hear(event: TapEvent): void {
    if (event.kind === "state") {
      this.#show({ state: event.state });
      return;
    }
    this.#waiting.push({ ...event.request, id: this.#next++ });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const come = this.#waiting.toSorted((a, b) => b.at - a.at);
      this.#waiting = [];
      this.#show({ rows: [...come, ...this.#view.rows].slice(0, mostRows) });
    }, showEvery);
  }

  /** What was kept of before: where something went wrong just now, the page shows it at once. */
  async #kept(query: string): Promise<void> {
    const asked = new URLSearchParams(query);
    if (asked.has("header")) return;
    asked.set("limit", "200");
    const answer = await get<KeptRequests>(`requests?${asked}`).catch(() => undefined);
    const known = new Set(this.#view.rows.map(nameOf));
    const before = (answer?.requests ?? []).filter((request) => !known.has(nameOf(request)));
    const rows = [...this.#view.rows, ...before.map((request) => ({ ...request, id: this.#next++ }))];
    this.#show({ rows: rows.toSorted((a, b) => b.at - a.at).slice(0, mostRows) });
  }

  /** A stream that was refused says nothing of why: the same question does. */
  async #why(address: URL): Promise<void> {
    const ended = new AbortController();
    try {
      const answer = await fetch(address, { signal: ended.signal });
      if (answer.ok) return;
      const { error, fix } = (await answer.json()) as ApiError;
      this.#show({ failure: fix === undefined ? error : `${error}; ${fix}` });
    } catch {
      // Nobody answers: that is said already.
    } finally {
      ended.abort();
    }
  }

  #show(change: { readonly [K in keyof TapView]?: TapView[K] | undefined }): void {
    const { rows, state, failure } = { ...this.#view, ...change };
    this.#view = {
      rows: rows ?? [],
      ...(state === undefined ? {} : { state }),
      ...(failure === undefined ? {} : { failure }),
    };
    for (const listener of this.#listeners) listener();
  }
}

/** What makes a request the same in both answers. */
function nameOf({ at, requestId, destination, path }: TapRequest): string {
  return [at, requestId, destination.pod, path].join(" ");
}

/** One for the page, so that a request's detail finds it. */
export const tapStream = new TapStream();
