import type { Change, Source, SourceEvent } from "../../model/change.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import { get, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Clock } from "../../std/clock.ts";
import { entryName, entryOf, type GroupSpec, type Joining, whyNot } from "./entry.ts";

/** Tries the probe of a WorkloadGroup at an address until it is stopped, and tells each change; nothing is healthy before it was told to be. */
export type WatchHealth = (probe: unknown, address: string, onHealth: (healthy: boolean) => void) => { stop(): void };

export interface JoinedOptions {
  readonly clock: Clock;
  readonly watch: WatchHealth;
  /** Labels that the proxy of a connection has now: those of its workload, so that what selects the one selects the other. */
  readonly onLabels: (connection: number, labels: Joining["labels"]) => void;
}

/** How long a workload outlives its connection: Istio's PILOT_WORKLOAD_ENTRY_GRACE_PERIOD. Milliseconds. */
const graceMs = 10_000;

interface Member {
  readonly joining: Joining;
  /** Its connection is gone, and it has until this ends. */
  readonly leaving?: () => void;
}

interface Made {
  readonly group: Resource;
  readonly healthy: boolean | undefined;
  readonly entry: Resource;
  readonly labels: Joining["labels"];
}

interface Watched {
  readonly probe: string;
  readonly watch: ReturnType<WatchHealth>;
  healthy: boolean;
}

/**
 * WorkloadEntries of proxies that join by themselves, as Istio's auto-registration makes them. They live here alone: an object of the user's with
 * the same name stays, and wins. A group that changes changes its entries, one that goes takes them with it.
 */
export class JoinedWorkloads implements Source {
  readonly name = "workload groups";
  readonly #options: JoinedOptions;
  /** By connection. */
  readonly #members = new Map<number, Member>();
  /** What was told and is in the snapshot. Key of these: `namespace/name`. */
  readonly #told = new Map<string, Resource>();
  readonly #watched = new Map<string, Watched>();
  /** What was made last, so that one workload that comes does not make all of them anew. */
  readonly #made = new WeakMap<Joining, Made>();
  #diagnostics: readonly Diagnostic[] = [];
  #listener: (event: SourceEvent) => void = () => {};
  /** Of which snapshot it was last made; undefined where members or their health are others since. */
  #seen: { readonly groups: unknown; readonly entries: unknown } | undefined;

  constructor(options: JoinedOptions) {
    this.#options = options;
  }

  async start(listener: (event: SourceEvent) => void): Promise<void> {
    this.#listener = listener;
    this.#wake();
  }

  async stop(): Promise<void> {
    for (const { leaving } of this.#members.values()) leaving?.();
    for (const { watch } of this.#watched.values()) watch.stop();
    this.#members.clear();
    this.#watched.clear();
    this.#listener = () => {};
  }

  /** A proxy that asks to join is connected. */
  connected(connection: number, joining: Joining): void {
    this.#members.set(connection, { joining });
    this.#wake();
  }

  /** A connection ended, of whomever. */
  disconnected(connection: number): void {
    const member = this.#members.get(connection);
    if (member === undefined || member.leaving !== undefined) return;
    const leaving = this.#options.clock.after(graceMs, () => {
      this.#members.delete(connection);
      this.#wake();
    });
    this.#members.set(connection, { ...member, leaving });
    this.#wake();
  }

  /** Tells what there shall be. Call it after each event of any source, with a snapshot that has all that was told: so nothing of the user's is undone. */
  look(snapshot: Snapshot): void {
    const [groups, entries] = [types.WorkloadGroup, types.WorkloadEntry].map((type) => snapshot.objects.get(type));
    if (this.#seen !== undefined && this.#seen.groups === groups && this.#seen.entries === entries) return;
    this.#seen = { groups, entries };
    const { wanted, diagnostics } = this.#wanted(snapshot);
    const changes = [...this.#withdrawn(snapshot, wanted), ...this.#put(snapshot, wanted)];
    if (changes.length === 0 && JSON.stringify(diagnostics) === JSON.stringify(this.#diagnostics)) return;
    this.#diagnostics = diagnostics;
    this.#listener({ changes, diagnostics });
  }

  /** An event without a change: `look` is called after it. */
  #wake(): void {
    this.#seen = undefined;
    this.#listener({ changes: [], diagnostics: this.#diagnostics });
  }

  /** Of two connections of one workload the one that is still there speaks for it, and of such the newer. */
  #wanted(snapshot: Snapshot) {
    const wanted = new Map<string, Resource>();
    const diagnostics: Diagnostic[] = [];
    const watched = new Set<string>();
    const members = [...this.#members];
    const order = [...members.filter(([, m]) => m.leaving), ...members.filter(([, m]) => !m.leaving)];
    for (const [connection, { joining, leaving }] of order) {
      const { namespace, group: name } = joining;
      const group = get(snapshot, { type: types.WorkloadGroup, namespace, name });
      const fault = group === undefined ? "there is no such WorkloadGroup" : whyNot(joining, group);
      if (group === undefined || fault !== undefined) {
        if (leaving !== undefined) continue;
        diagnostics.push(refusal(joining, group, fault ?? ""));
        this.#options.onLabels(connection, joining.labels);
        continue;
      }
      const key = `${namespace}/${entryName(joining)}`;
      const healthy = this.#health(key, joining.address, (group.spec as GroupSpec).probe);
      if (healthy !== undefined) watched.add(key);
      const { entry, labels } = this.#make(key, joining, group, healthy);
      wanted.set(key, entry);
      if (leaving === undefined) this.#options.onLabels(connection, labels);
    }
    for (const key of this.#watched.keys()) if (!watched.has(key)) this.#unwatch(key);
    return { wanted, diagnostics };
  }

  /** An entry that is no longer there as it was told is the user's now, and stays. */
  #withdrawn(snapshot: Snapshot, wanted: ReadonlyMap<string, Resource>): readonly Change[] {
    return [...this.#told].flatMap(([key, told]) => {
      const there = get(snapshot, told) === told;
      if (there && wanted.has(key)) return [];
      this.#told.delete(key);
      const { type, namespace, name } = told;
      return there ? [{ remove: { type, namespace, name } }] : [];
    });
  }

  #put(snapshot: Snapshot, wanted: ReadonlyMap<string, Resource>): readonly Change[] {
    return [...wanted].flatMap(([key, put]) => {
      const told = this.#told.get(key);
      if (told === undefined ? get(snapshot, put) !== undefined : same(told, put)) return [];
      this.#told.set(key, put);
      return [{ put }];
    });
  }

  #make(key: string, joining: Joining, group: Resource, healthy: boolean | undefined): Made {
    const before = this.#made.get(joining);
    if (before?.group === group && before.healthy === healthy) return before;
    const createdAt = this.#told.get(key)?.createdAt ?? this.#options.clock.now();
    const entry = entryOf(joining, group, createdAt, healthy);
    const labels = before?.group === group ? before.labels : { ...entry.labels, ...joining.labels };
    const made = { group, healthy, entry, labels };
    this.#made.set(joining, made);
    return made;
  }

  /** Undefined without a probe. */
  #health(key: string, address: string, probe: unknown): boolean | undefined {
    if (probe === undefined) return undefined;
    const text = JSON.stringify(probe);
    const before = this.#watched.get(key);
    if (before?.probe === text) return before.healthy;
    before?.watch.stop();
    const onHealth = (healthy: boolean) => {
      if (this.#watched.get(key) !== watched) return;
      watched.healthy = healthy;
      this.#wake();
    };
    const watch = this.#options.watch(probe, address, onHealth);
    const watched: Watched = { probe: text, watch, healthy: false };
    this.#watched.set(key, watched);
    return false;
  }

  #unwatch(key: string): void {
    this.#watched.get(key)?.watch.stop();
    this.#watched.delete(key);
  }
}

function same(a: Resource, b: Resource): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function refusal({ proxy, namespace, group: name }: Joining, group: Resource | undefined, why: string): Diagnostic {
  return {
    code: codes.cannotJoin,
    level: "Error",
    about: { type: types.WorkloadGroup, namespace, name },
    ...(group === undefined ? {} : { position: group.origin.locate(["spec"]) }),
    message: `${proxy} cannot join ${namespace}/${name}: ${why}`,
    fix: "it is served, but no WorkloadEntry is made of it",
  };
}
