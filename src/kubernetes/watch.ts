import { backoff } from "../std/backoff.ts";
import { KubernetesError } from "./error.ts";
import { type ListOptions, pages } from "./list.ts";
import { type KubernetesObject, keyOf, pathOf } from "./object.ts";
import { isOlder, watchEvent } from "./watch-event.ts";
import { type Pace, usualPace, type WatchOptions, type WatchState } from "./watch-options.ts";

/**
 * Keeps a sink equal to a collection of an API server: a paged list, then a stream from the list's version, with bookmarks. What the stream may
 * have missed (its version is too old, it was silent, ten minutes have gone) is mended by a list that is compared with what is kept.
 * A server that is away changes nothing.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #pace: Pace;
  readonly #path: string;
  readonly #stopped = new AbortController();
  readonly #refreshes = new Set<string | undefined>();
  readonly #ended: Promise<void>;
  #state: WatchState = { kind: "starting" };
  /** Of what is kept; undefined before the first list, and where the next must be a list. */
  #version: string | undefined;
  #listedAt = 0;
  #attempt = 0;
  /** Wakes whoever waits before a new attempt. */
  #wake = () => {};
  /** Ends the stream. */
  #end = () => {};
  /** Lines wait until this is done. */
  #turn: Promise<void> = Promise.resolve();
  #following = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#pace = options.pace ?? usualPace;
    this.#path = pathOf(options.resource, options.namespace);
    this.#ended = this.#run();
  }

  get state(): WatchState {
    return this.#state;
  }

  /** Asks again at once where the server has refused. */
  retry(): void {
    if (this.#state.kind === "refused") this.#wake();
  }

  #relist(): void {
    this.#version = undefined;
    this.#end();
    this.#wake();
  }

  /** Lists the objects of one namespace again, or all, of which the sink wanted some not until now. */
  refresh(namespace?: string): void {
    this.#refreshes.add(namespace);
    if (this.#following) this.#queueRefresh();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        if (this.#version === undefined || this.#isOld()) await this.#list();
        await this.#follow(this.#version ?? "");
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        if (!(error instanceof KubernetesError)) throw error;
        await this.#fail(error);
      }
    }
  }

  #isOld(): boolean {
    return this.#options.clock.now() - this.#listedAt > this.#pace.resyncMs;
  }

  #list(): Promise<void> {
    const { client, clock, sink, lists } = this.#options;
    return lists.run(async () => {
      const startedAt = clock.now();
      const seen = new Set<string>();
      let version = "";
      for await (const page of pages(client, this.#path, this.#listOptions())) {
        for (const object of page.items) {
          seen.add(keyOf(object));
          this.#take(object);
        }
        version = page.resourceVersion;
      }
      for (const key of [...sink.keys()]) if (!seen.has(key)) sink.remove(key);
      this.#version = version;
      this.#listedAt = startedAt;
      sink.listed();
      this.#became({ kind: "current" });
    });
  }

  #listOptions(): ListOptions {
    const { query, pageSize = 500, metadataOnly } = this.#options;
    return {
      ...(query ? { query } : {}),
      pageSize,
      ...(metadataOnly ? { accept: metadataAs("PartialObjectMetadataList") } : {}),
      signal: this.#stopped.signal,
    };
  }

  #take(object: KubernetesObject): void {
    const { sink } = this.#options;
    if (sink.version(keyOf(object)) !== object.metadata.resourceVersion) sink.put(object);
  }

  /** Ends when the server ends the stream, as it does after a while. */
  async #follow(version: string): Promise<void> {
    const { client, clock, query, metadataOnly } = this.#options;
    const { silenceMs } = this.#pace;
    const stream = new AbortController();
    const signal = AbortSignal.any([stream.signal, this.#stopped.signal]);
    this.#end = () => stream.abort();
    let cancel = clock.after(silenceMs, this.#end);
    const openedAt = clock.now();
    let heard = false;
    this.#following = true;
    this.#queueRefresh();
    try {
      const lines = client.lines(this.#path, {
        query: {
          ...query,
          watch: true,
          resourceVersion: version,
          allowWatchBookmarks: true,
          timeoutSeconds: this.#streamSeconds(),
        },
        signal,
        ...(metadataOnly ? { accept: metadataAs("PartialObjectMetadata") } : {}),
        onOpen: () => this.#became({ kind: "current" }),
      });
      for await (const line of lines) {
        cancel();
        cancel = clock.after(silenceMs, this.#end);
        heard = true;
        await this.#turn;
        if (signal.aborted) return;
        this.#hear(line);
      }
    } finally {
      cancel();
      this.#following = false;
      this.#end = () => {};
      await this.#turn;
    }
    // A server that ends each stream at once is not asked again at once.
    if (!heard && !signal.aborted && clock.now() - openedAt < 1000) await this.#pause(this.#pace.retryMs);
  }

  /** Until the next list is due at most; not all streams of a server end at the same time. */
  #streamSeconds(): number {
    const { clock, random } = this.#options;
    const { streamSeconds, resyncMs } = this.#pace;
    const due = (this.#listedAt + resyncMs - clock.now()) / 1000;
    return Math.max(1, Math.ceil(Math.min(streamSeconds * (0.8 + 0.4 * random.next()), due)));
  }

  #hear(line: string): void {
    const { sink } = this.#options;
    const { type, object } = watchEvent(line);
    const version = object.metadata.resourceVersion;
    if (type === "DELETED") sink.remove(keyOf(object));
    else if (type !== "BOOKMARK" && !isOlder(version, sink.version(keyOf(object)))) this.#take(object);
    if (this.#version !== undefined) this.#version = version;
    this.#attempt = 0;
  }

  #queueRefresh(): void {
    if (this.#refreshes.size === 0) return;
    this.#turn = this.#turn.then(async () => {
      for (const namespace of [...this.#refreshes]) {
        this.#refreshes.delete(namespace);
        try {
          await this.#listIn(namespace);
        } catch (error) {
          if (!(error instanceof KubernetesError)) throw error;
          this.#relist();
        }
      }
    });
  }

  async #listIn(namespace: string | undefined): Promise<void> {
    const { client, resource, lists, sink } = this.#options;
    const path = namespace === undefined ? this.#path : pathOf(resource, namespace);
    await lists.run(async () => {
      for await (const { items } of pages(client, path, this.#listOptions()))
        for (const object of items) this.#take(object);
    });
    sink.listed();
  }

  async #fail(error: KubernetesError): Promise<void> {
    const { clock, random, log, resource } = this.#options;
    const { retryMs, maxRetryMs, refusedMs } = this.#pace;
    log.debug("watch failed", { resource: resource.plural, code: error.code, reason: error.message });
    if (!isPassing(error) || this.#attempt > 4) this.#version = undefined;
    if (error.code === 403 || error.code === 404 || error.code === 405) {
      this.#became({ kind: "refused", error });
      await this.#pause(backoff(1, refusedMs / 2, refusedMs, random));
      return;
    }
    // A version that is too old is no loss: the list comes next.
    if (error.code !== 410 || this.#attempt > 4) {
      const since = this.#state.kind === "lost" ? this.#state.since : clock.now();
      this.#became({ kind: "lost", error, since });
    }
    await this.#pause(backoff(this.#attempt++, retryMs, maxRetryMs, random));
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #became(state: WatchState): void {
    if (this.#stopped.signal.aborted) return;
    const before = this.#state;
    this.#state = state;
    if (state.kind === "current" && before.kind !== "current") this.#attempt = 0;
    if (before.kind !== state.kind || state.kind === "refused") this.#options.onState(state);
  }
}

function metadataAs(kind: string): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}

/** Whether the stream can go on from where it was once the server is back. */
function isPassing({ code }: KubernetesError): boolean {
  return code === 0 || code === 401 || code === 429 || (code >= 500 && code !== 504);
}
