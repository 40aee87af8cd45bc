import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { KubernetesClient, RequestInit } from "./client.ts";
import type { KubernetesError } from "./error.ts";
import type { InFlight } from "./in-flight.ts";
import type { ApiResource, KubernetesObject } from "./object.ts";

/** Who keeps what a watch tells. Called in order, never twice at a time. */
export interface Sink {
  /** Keys (`keyOf`) of all that is kept. */
  keys(): Iterable<string>;
  /** The version that is kept of an object; undefined where it is not. */
  version(key: string): string | undefined;
  put(object: KubernetesObject): void;
  remove(key: string): void;
  /** A list is whole: what is kept is what there was at one moment. */
  listed(): void;
}

/** How a watch is. */
export type WatchState =
  /** It has not been told everything yet. */
  | { readonly kind: "starting" }
  | { readonly kind: "current" }
  /** The server answers, and refuses: 403, or 404 for a kind that it does not serve. What is kept stays. */
  | { readonly kind: "refused"; readonly error: KubernetesError }
  /** It is not told anything now, since `since` (milliseconds since the epoch). What is kept stays. */
  | { readonly kind: "lost"; readonly error: KubernetesError; readonly since: number };

/** Whether what a watch knows is all that there is to know. */
export function isSettled({ kind }: WatchState): boolean {
  return kind === "current" || kind === "refused";
}

/** How long a watch waits, in milliseconds unless it says so. */
export interface Pace {
  /** Before the first new attempt, and at most. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** Between attempts where the server refuses. */
  readonly refusedMs: number;
  /** How long the server shall keep a stream open. */
  readonly streamSeconds: number;
  /** A stream without an event or a bookmark (one a minute) for so long is ended. */
  readonly silenceMs: number;
  /** How old a list may be before everything is compared again. */
  readonly resyncMs: number;
}

export const usualPace: Pace = {
  retryMs: 250,
  maxRetryMs: 30_000,
  refusedMs: 30_000,
  streamSeconds: 300,
  silenceMs: 150_000,
  resyncMs: 600_000,
};

export interface WatchOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly resource: ApiResource;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** `fieldSelector`, `labelSelector`. */
  readonly query?: RequestInit["query"];
  /** Nothing but apiVersion, kind and metadata of each object is asked for. */
  readonly metadataOnly?: boolean;
  /** Objects in one answer; 500 by default. */
  readonly pageSize?: number;
  readonly pace?: Pace;
  /** Lists wait here for their turn. */
  readonly lists: InFlight;
  readonly sink: Sink;
  readonly onState: (state: WatchState) => void;
}
