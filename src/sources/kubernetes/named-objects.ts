import { Watch } from "../../kubernetes/watch.ts";
import { isSettled, type WatchOptions, type WatchState } from "../../kubernetes/watch-options.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { configMaps, type ReadKind, secrets } from "./kinds.ts";
import type { Named } from "./named.ts";
import { Shelf, type ShelfOptions } from "./shelf.ts";
import { namedRefusalOf } from "./troubles.ts";

export interface NamedObjectsOptions {
  readonly watch: Omit<WatchOptions, "resource" | "namespace" | "query" | "sink" | "onState">;
  readonly shelf: ShelfOptions;
  readonly onState: () => void;
}

interface Held {
  named: Named;
  readonly shelf: Shelf;
  readonly watch: Watch;
}

/** Secrets and ConfigMaps, each watched by itself for as long as somebody names it: no other is ever asked for. */
export class NamedObjects {
  readonly #options: NamedObjectsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: NamedObjectsOptions) {
    this.#options = options;
  }

  /** All that are named now, instead of those that were named before. */
  want(wanted: ReadonlyMap<string, Named>): void {
    for (const [key, held] of this.#held) {
      const named = wanted.get(key);
      if (named !== undefined) held.named = named;
      else {
        this.#held.delete(key);
        void held.watch.stop();
        held.shelf.drop(() => true);
      }
    }
    for (const [key, named] of wanted) if (!this.#held.has(key)) this.#held.set(key, this.#hold(named));
  }

  /** Whether each was told, or refused. */
  get settled(): boolean {
    return this.states().every(isSettled);
  }

  states(): readonly WatchState[] {
    return [...this.#held.values()].map(({ watch }) => watch.state);
  }

  /** What may not be read, told of who names it. */
  diagnostics(find: (by: Ref) => Resource | undefined): readonly Diagnostic[] {
    return [...this.#held.values()].flatMap(({ named, watch }) =>
      namedRefusalOf(named.ref, find(named.by), watch.state),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ watch }) => watch.stop()));
  }

  #hold(named: Named): Held {
    const { type, namespace, name } = named.ref;
    const resource = type === types.Secret ? secrets : configMaps;
    const kind: ReadKind = { type, resource, namespaced: true };
    const shelf = new Shelf(kind, this.#options.shelf);
    const watch = new Watch({
      ...this.#options.watch,
      resource,
      namespace,
      query: { fieldSelector: `metadata.name=${name}` },
      sink: shelf,
      onState: this.#options.onState,
    });
    return { named, shelf, watch };
  }
}
