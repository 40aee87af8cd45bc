import { isDeepStrictEqual } from "node:util";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/error.ts";
import { istioController, weftController } from "../../model/gateway-class.ts";
import type { Type } from "../../model/resource.ts";
import { besideIstio } from "../../plan/gateway-api/gateways.ts";
import { backoff } from "../../std/backoff.ts";
import type { Clock } from "../../std/clock.ts";
import type { Log } from "../../std/log.ts";
import type { Random } from "../../std/random.ts";
import { isUrgent } from "./urgency.ts";
import { keyOf, type MeshView, type WantedStatus, wantedStatuses } from "./wanted.ts";
import { collectionOf, type Live, missing, readStatuses, type WriteOptions, writeStatus } from "./write.ts";

export interface StatusOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The mesh as it is now; undefined until it is known whole. */
  readonly view: () => MeshView | undefined;
  /** Told after each change of the mesh, or of what proxies hold; the answer ends it. */
  readonly onChange: (listener: () => void) => () => void;
}

interface Entry {
  readonly wanted: WantedStatus;
  readonly live?: Live;
  /** Milliseconds since the epoch. */
  readonly writtenAt?: number;
  readonly failures: number;
}

/** Milliseconds between two looks at the mesh, at least; more where a look takes long. */
const lookMs = 250;
/** Of the time a looking leader may take for it. */
const share = 0.1;
/** Milliseconds between the starts of two writes: 50 a second. */
const spacingMs = 20;
/** Writes that wait for an answer. */
const most = 8;
/** Milliseconds between two writes to an object that only other words make. */
const wordsMs = 30_000;
/** Milliseconds after which what others did to statuses is looked for. */
const readAllMs = 600_000;
/** Milliseconds after which a kind is tried again whose status may not be written. */
const refusedMs = 60_000;

/** Keeps the statuses of the mesh's objects as the mesh is: the one replica that leads runs it. */
export class StatusLoop {
  readonly #options: StatusOptions;
  readonly #entries = new Map<string, Entry>();
  /** Key → when it may be written. */
  readonly #due = new Map<string, number>();
  readonly #refused = new Map<Type, number>();
  readonly #end = new AbortController();
  #writing = 0;
  #lookAt = 0;
  #looking = false;
  /** Something changed since the last look began. */
  #stale = false;
  #readAllAt = 0;
  #startedAt = 0;
  #cancelLook: (() => void) | undefined;
  #cancelPump: (() => void) | undefined;
  #cancelRead: (() => void) | undefined;
  readonly #unfollow: () => void;
  /** Requests that wrote, for figures and tests. */
  writes = 0;

  /** Begins at once. */
  constructor(options: StatusOptions) {
    this.#options = options;
    this.#unfollow = options.onChange(() => this.#schedule());
    this.#schedule();
    this.#everyNowAndThen();
  }

  #everyNowAndThen(): void {
    this.#cancelRead = this.#options.clock.after(readAllMs, () => {
      this.#schedule();
      this.#everyNowAndThen();
    });
  }

  /** Writes nothing more; what is under way is given up. */
  stop(): void {
    this.#end.abort();
    this.#unfollow();
    this.#cancelLook?.();
    this.#cancelPump?.();
    this.#cancelRead?.();
  }

  #schedule(): void {
    this.#stale = true;
    if (this.#looking || this.#cancelLook !== undefined || this.#end.signal.aborted) return;
    const { clock } = this.#options;
    this.#cancelLook = clock.after(Math.max(0, this.#lookAt - clock.now()), () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, view, log } = this.#options;
    const began = clock.now();
    this.#cancelLook = undefined;
    this.#looking = true;
    this.#stale = false;
    try {
      const mesh = view();
      if (mesh !== undefined) await this.#compare(mesh);
    } catch (error) {
      log.error("statuses cannot be made", { error: (error as Error).stack ?? String(error) });
    }
    this.#looking = false;
    const took = clock.now() - began;
    this.#lookAt = clock.now() + Math.max(lookMs, took / share);
    if (this.#stale) this.#schedule();
  }

  async #compare(mesh: MeshView): Promise<void> {
    const { clock } = this.#options;
    const wanted = wantedStatuses(mesh);
    const all = clock.now() >= this.#readAllAt;
    if (all) this.#readAllAt = clock.now() + readAllMs;
    const there = await this.#read([...wanted.values()].filter((w) => all || !this.#entries.has(keyOf(w.ref))));
    if (this.#end.signal.aborted) return;
    const options = this.#writeOptions(mesh);
    for (const key of this.#entries.keys()) if (!wanted.has(key)) this.#forget(key);
    for (const [key, next] of wanted) this.#want(key, next, there.get(key), options);
    this.#pump(options);
  }

  #forget(key: string): void {
    this.#entries.delete(key);
    this.#due.delete(key);
  }

  /** What is there of objects that were not seen before: of a kind with many the whole list is read. */
  async #read(fresh: readonly WantedStatus[]): Promise<ReadonlyMap<string, Live>> {
    const { client, log } = this.#options;
    const found = new Map<string, Live>();
    const kinds = [...Map.groupBy(fresh, (w) => `${w.ref.type} ${w.apiVersion ?? ""}`).values()];
    for (const all of kinds) {
      const [first] = all;
      if (first === undefined || all.length < 5) continue;
      const { type } = first.ref;
      try {
        const statuses = await readStatuses(type, first.apiVersion, { client, signal: this.#end.signal });
        for (const [name, live] of statuses) found.set(`${type}|${name}`, live);
      } catch (error) {
        if (this.#end.signal.aborted) return found;
        log.debug("statuses cannot be listed: they are read one by one", { type, error: (error as Error).message });
      }
    }
    return found;
  }

  #want(key: string, next: WantedStatus, there: Live | undefined, options: WriteOptions): void {
    const { clock } = this.#options;
    const before = this.#entries.get(key);
    if (there === undefined && before !== undefined && same(before.wanted, next)) return;
    const live = there ?? before?.live;
    this.#entries.set(key, { failures: 0, ...before, wanted: next, ...(live === undefined ? {} : { live }) });
    if (live !== undefined && live.generation === next.generation && missing(next, live, options) === undefined) {
      this.#due.delete(key);
      return;
    }
    const now = clock.now();
    const patience = isUrgent(before?.wanted, next) ? 0 : (before?.writtenAt ?? 0) + wordsMs - now;
    this.#due.set(key, Math.min(this.#due.get(key) ?? Number.POSITIVE_INFINITY, now + Math.max(0, patience)));
  }

  /** Starts one write that is due, and comes back for the next. */
  #pump(options: WriteOptions): void {
    this.#cancelPump?.();
    this.#cancelPump = undefined;
    if (this.#due.size === 0 || this.#writing >= most || this.#end.signal.aborted) return;
    const { clock } = this.#options;
    const now = clock.now();
    const [key, at] = this.#next();
    this.#cancelPump = clock.after(Math.max(0, at - now, this.#startedAt + spacingMs - now), () => {
      this.#startedAt = clock.now();
      this.#due.delete(key);
      void this.#write(key, options);
      this.#pump(options);
    });
  }

  /** The first that is due; of those that are due the one that waits longest. */
  #next(): readonly [string, number] {
    let first: readonly [string, number] = ["", Number.POSITIVE_INFINITY];
    for (const entry of this.#due) if (entry[1] < first[1]) first = entry;
    return first;
  }

  async #write(key: string, options: WriteOptions): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const { clock } = this.#options;
    const { wanted } = entry;
    const until = this.#refused.get(wanted.ref.type) ?? 0;
    if (until > clock.now()) {
      this.#due.set(key, until);
      return;
    }
    this.#writing++;
    try {
      const written = await writeStatus(wanted, entry.live, options);
      if (!written.gone) this.#settle(key, written.live, written.wrote);
    } catch (error) {
      if (!this.#end.signal.aborted) this.#failed(key, error as KubernetesError);
    } finally {
      this.#writing--;
      this.#pump(options);
    }
  }

  #settle(key: string, live: Live, wrote: boolean): void {
    if (wrote) this.writes++;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const writtenAt = wrote ? { writtenAt: this.#options.clock.now() } : {};
    this.#entries.set(key, { ...entry, live, failures: 0, ...writtenAt });
  }

  #failed(key: string, error: KubernetesError): void {
    const { clock, random, log } = this.#options;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const { live: _old, ...rest } = entry;
    const { wanted, failures } = rest;
    const again = (ms: number) => {
      this.#entries.set(key, { ...rest, failures: failures + 1 });
      this.#due.set(key, clock.now() + ms);
    };
    if (!(error instanceof KubernetesError)) {
      log.error("a status cannot be written", { object: key, error: (error as Error).stack ?? String(error) });
    } else if (error.code === 403 || error.code === 404 || error.code === 405) {
      this.#refuse(wanted, error);
      this.#due.set(key, clock.now() + refusedMs);
    } else {
      again(error.code === 409 ? backoff(failures, 20, 2000, random) : backoff(failures, 500, 30_000, random));
    }
  }

  /** A kind whose status cannot be written is named once and left alone for a while. */
  #refuse({ ref, apiVersion }: WantedStatus, error: KubernetesError): void {
    const { clock, log } = this.#options;
    if (!this.#refused.has(ref.type)) {
      const { plural } = collectionOf(ref.type, apiVersion);
      log.warn("a kind gets no status", { kind: ref.type, needs: `patch of ${plural}/status`, error: error.message });
    }
    this.#refused.set(ref.type, clock.now() + refusedMs);
  }

  #writeOptions(mesh: MeshView): WriteOptions {
    const { client, clock } = this.#options;
    const beside = mesh.tracker.ask(besideIstio, "");
    return {
      ...{ client, now: () => clock.now(), signal: this.#end.signal },
      isOwn: (name) => name === weftController || (name === istioController && !beside),
    };
  }
}

function same(a: WantedStatus, b: WantedStatus): boolean {
  return a.generation === b.generation && isDeepStrictEqual(a.status, b.status);
}
