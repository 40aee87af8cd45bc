import { inFlight } from "../../kubernetes/in-flight.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { Watch } from "../../kubernetes/watch.ts";
import { isSettled, usualPace, type WatchState } from "../../kubernetes/watch-options.ts";
import type { Change, Source, SourceEvent } from "../../model/change.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Ref, Resource, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { type Choice, choiceOf, chooses } from "./chosen.ts";
import { CustomKinds } from "./custom-kinds.ts";
import { EntryAddresses } from "./entry-addresses.ts";
import { coreKinds, customTypes, namespaces, type ReadKind } from "./kinds.ts";
import { NamedObjects } from "./named-objects.ts";
import { type NamesNow, namesNow } from "./names-now.ts";
import type { KubernetesSourceOptions } from "./options.ts";
import { type RevisionNames, revisionNames } from "./revision-names.ts";
import { Shared } from "./shared.ts";
import { Shelf, type ShelfOptions } from "./shelf.ts";
import { refusalOf, staleSince } from "./troubles.ts";

/** An API server as a source of everything that the mesh reads: kept equal to it while it answers, kept as it was while it does not. */
export function kubernetesSource(options: KubernetesSourceOptions): Source {
  return new KubernetesSource(options);
}

interface Kept {
  readonly shelf: Shelf;
  readonly watch: Watch;
}

/** Lists that run at a time. */
const listsAtOnce = 4;
/** A server that is away for less is not told of. */
const patienceMs = 2_000;
/** Objects of revisions: what configures the mesh. */
const revised: ReadonlySet<Type> = new Set(customTypes);

class KubernetesSource implements Source {
  readonly name: string;
  readonly #options: KubernetesSourceOptions;
  readonly #watch;
  readonly #shared = new Shared();
  readonly #addresses = new EntryAddresses();
  readonly #kept = new Map<Type, Kept>();
  readonly #custom: CustomKinds;
  readonly #named: NamedObjects;
  #revisions: RevisionNames | undefined;
  #choice: Choice = choiceOf(undefined);
  #chosen = new Map<string, boolean>();
  #pending = new Map<string, Change>();
  #phase: "stopped" | "namespaces" | "kinds" | "named" | "synced" = "stopped";
  #scheduled = false;
  /** What is named, as far as nothing that it depends on has changed. */
  #names: NamesNow | undefined;
  #told = "";
  #cancelLook = () => {};
  #stale: Diagnostic | undefined;
  #listener: (event: SourceEvent) => void = () => {};
  #spoken = () => {};

  constructor(options: KubernetesSourceOptions) {
    this.#options = options;
    const { client, clock, random, log, pageSize, pace = usualPace } = options;
    this.name = `API server ${client.server}`;
    const size = pageSize === undefined ? {} : { pageSize };
    this.#watch = { client, clock, random, log, pace, lists: inFlight(listsAtOnce), ...size };
    this.#custom = new CustomKinds({
      watch: this.#watch,
      versionsOf: options.versionsOf,
      onServed: (kind) => this.#keep(kind),
      onGone: (type) => this.#forget(type),
      onChange: () => this.#soon(),
    });
    this.#named = new NamedObjects({
      watch: this.#watch,
      shelf: this.#shelfOptions(false),
      onState: () => this.#soon(),
    });
  }

  /** Resolves when it has spoken. */
  async start(listener: (event: SourceEvent) => void): Promise<void> {
    this.#listener = listener;
    this.#phase = "namespaces";
    const { settings, revision } = this.#options;
    this.#choice = choiceOf(settings?.inForce());
    settings?.onChange(() => this.#choose(undefined));
    const heard = { onState: () => this.#soon(), onChange: () => this.#rename() };
    this.#revisions = revisionNames({ ...this.#watch, revision, ...heard });
    this.#keep(namespaces);
    await new Promise<void>((resolve) => {
      this.#spoken = resolve;
    });
  }

  async stop(): Promise<void> {
    this.#phase = "stopped";
    this.#cancelLook();
    this.#spoken();
    await Promise.all([
      this.#revisions?.stop(),
      this.#custom.stop(),
      this.#named.stop(),
      ...[...this.#kept.values()].map(({ watch }) => watch.stop()),
    ]);
  }

  #shelfOptions(byRevision: boolean): ShelfOptions {
    const { validate, complete } = this.#options;
    return {
      shared: this.#shared,
      validate,
      complete,
      wants: ({ metadata: { namespace = "", labels = {} } }: KubernetesObject) =>
        this.#reads(namespace) && (!byRevision || this.#isOurs(labels as Resource["labels"])),
      onChange: (change) => this.#note(change),
      onDiagnosis: () => this.#soon(),
      onListed: () => this.#soon(),
    };
  }

  #keep(kind: ReadKind): void {
    const before = this.#kept.get(kind.type);
    if (before?.shelf.kind.resource.version === kind.resource.version) {
      before.watch.retry();
      return;
    }
    void before?.watch.stop();
    const shelf = before?.shelf ?? new Shelf(kind, this.#shelfOptions(revised.has(kind.type)));
    shelf.readAs(kind);
    const { resource } = kind;
    const watch = new Watch({ ...this.#watch, resource, sink: shelf, onState: () => this.#soon() });
    this.#kept.set(kind.type, { shelf, watch });
  }

  #forget(type: Type): void {
    const kept = this.#kept.get(type);
    this.#kept.delete(type);
    void kept?.watch.stop();
    kept?.shelf.drop(() => true);
  }

  #reads(namespace: string): boolean {
    let known = this.#chosen.get(namespace);
    if (known === undefined) {
      known = chooses(this.#choice, namespace, this.#kept.get(types.Namespace)?.shelf.get(namespace)?.labels);
      this.#chosen.set(namespace, known);
    }
    return known;
  }

  #isOurs(labels: Resource["labels"]): boolean {
    const said = labels["istio.io/rev"];
    return !said || this.#revisions?.all.has(said) === true;
  }

  /** A tag has come or gone: what is named on it is read, or no more. */
  #rename(): void {
    for (const [type, { shelf, watch }] of this.#kept) {
      if (!revised.has(type)) continue;
      shelf.drop((_, labels) => !this.#isOurs(labels));
      watch.refresh();
    }
  }

  #note(change: Change): void {
    const ref = "put" in change ? change.put : change.remove;
    this.#pending.set(`${ref.type}/${ref.namespace}/${ref.name}`, change);
    if (ref.type === types.Namespace) this.#choose(ref.name);
    this.#soon();
  }

  /** A namespace has other labels, or (undefined) the settings have changed: which namespaces are read from now on, and which no more. */
  #choose(namespace: string | undefined): void {
    const before = this.#chosen;
    this.#choice = choiceOf(this.#options.settings?.inForce());
    const names = namespace === undefined ? [...before.keys()] : [namespace];
    this.#chosen = new Map([...before].filter(([name]) => !names.includes(name)));
    const others = [...this.#kept.values()].filter(({ shelf }) => shelf.kind.namespaced);
    for (const name of names) {
      const now = this.#reads(name);
      const was = before.get(name);
      if (was === true && !now) for (const { shelf } of others) shelf.drop((namespace) => namespace === name);
      // Its objects may have come, and been left out, before it was told of itself.
      if (was === false && now) for (const { watch } of others) watch.refresh(name);
    }
    this.#names = undefined;
    this.#soon();
  }

  #soon(): void {
    if (this.#scheduled || this.#phase === "stopped") return;
    this.#scheduled = true;
    this.#options.clock.after(0, () => {
      this.#scheduled = false;
      this.#look();
    });
  }

  #look(): void {
    this.#heedAbsence();
    const { settings } = this.#options;
    if (this.#phase === "namespaces" && settings?.hasSpoken() !== false && this.#states().every(isSettled)) {
      this.#phase = "kinds";
      for (const kind of coreKinds) this.#keep(kind);
      this.#custom.start();
      return;
    }
    if (this.#phase === "kinds" && this.#custom.known && this.#states().every(isSettled)) this.#phase = "named";
    if (this.#phase === "named" || this.#phase === "synced") this.#name();
    if (this.#phase === "named" && this.#named.settled) {
      this.#phase = "synced";
      this.#emit(true);
      this.#spoken();
    } else if (this.#phase === "synced") this.#emit(false);
  }

  #states(): readonly WatchState[] {
    const watches = [...this.#kept.values()].map(({ watch }) => watch.state);
    return this.#revisions === undefined ? watches : [this.#revisions.state, ...watches];
  }

  #name(): void {
    const names = this.#names;
    if (names !== undefined && ![...this.#pending.values()].some(names.concernedBy)) return;
    const all = (type: Type) => this.#kept.get(type)?.shelf.resources() ?? [];
    this.#names = namesNow(all, this.#options.settings?.inForce());
    this.#named.want(new Map([...this.#names.wanted].filter(([, { ref }]) => this.#reads(ref.namespace))));
  }

  #emit(always: boolean): void {
    const changes = this.#changes();
    const diagnostics = this.#diagnostics();
    const told = JSON.stringify(diagnostics);
    if (!always && changes.length === 0 && told === this.#told) return;
    this.#told = told;
    this.#listener({ changes, diagnostics });
  }

  /** What has changed since the last call, with addresses for ServiceEntries: one that comes or goes may move another's. */
  #changes(): readonly Change[] {
    const pending = this.#pending;
    this.#pending = new Map();
    for (const change of pending.values()) {
      if ("put" in change) {
        if (change.put.type === types.ServiceEntry) this.#addresses.put(shelfKey(change.put), change.put);
      } else if (change.remove.type === types.ServiceEntry) this.#addresses.remove(shelfKey(change.remove));
    }
    for (const key of this.#addresses.settle()) {
      const put = this.#kept.get(types.ServiceEntry)?.shelf.get(key);
      if (put !== undefined) pending.set(`${put.type}/${key}`, { put });
    }
    return [...pending.values()].map((change) =>
      "put" in change && change.put.type === types.ServiceEntry
        ? { put: this.#addresses.assign(shelfKey(change.put), change.put) }
        : change,
    );
  }

  #diagnostics(): readonly Diagnostic[] {
    return [
      ...(this.#stale === undefined ? [] : [this.#stale]),
      ...[...this.#kept.values()].flatMap(({ shelf, watch }) => [
        ...refusalOf(shelf.kind.resource, shelf.kind.type, watch.state),
        ...shelf.diagnostics(),
      ]),
      ...this.#custom.diagnostics(),
      ...this.#named.diagnostics((by) => this.#kept.get(by.type)?.shelf.get(shelfKey(by))),
    ];
  }

  /** Says once that the server is away, and once that it is back. */
  #heedAbsence(): void {
    const { clock, log, client } = this.#options;
    const lost = [...this.#states(), ...this.#named.states()].filter((state) => state.kind === "lost");
    const first = lost.toSorted((a, b) => a.since - b.since)[0];
    if (first === undefined) {
      if (this.#stale !== undefined) log.info("the API server is back", { server: client.server });
      this.#stale = undefined;
      return;
    }
    if (this.#stale !== undefined) return;
    const left = first.since + patienceMs - clock.now();
    if (left > 0) {
      this.#cancelLook();
      this.#cancelLook = clock.after(left, () => this.#soon());
      return;
    }
    this.#stale = staleSince(client.server, first.since, first.error);
    log.warn("the API server is away; what it said before stays in force", {
      server: client.server,
      since: new Date(first.since).toISOString(),
      reason: first.error.message,
    });
  }
}

function shelfKey({ namespace, name }: Ref): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
