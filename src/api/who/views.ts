import type { Snapshot } from "../../model/snapshot.ts";
import type { History, Store } from "../../store/store.ts";
import type { MeshActions } from "../actions.ts";
import type { Route } from "../http/route.ts";
import type { MeshState } from "../state.ts";
import { Traffic } from "../traffic.ts";
import type { Sight } from "./caller.ts";
import { restrictedActions, restrictedHistory, restrictedState, restrictedStore } from "./restricted.ts";

/** The mesh as somebody sees it. Whoever sees all has the mesh itself. */
export interface View {
  readonly state: MeshState;
  readonly store: Store;
  readonly history: History;
  readonly traffic: Traffic;
  readonly actions: MeshActions;
  /** The namespaces that it shows. */
  readonly sight: Sight;
}

/** Sights beyond this number are made anew when they are asked for again. */
const mostKept = 32;

/** Routes for each sight: made of what it shows, so that no handler can tell more. */
export class Views {
  readonly #whole: View;
  readonly #routesOf: (view: View) => readonly Route[];
  readonly #all: readonly Route[];
  readonly #kept = new Map<string, { readonly view: View; readonly routes: readonly Route[] }>();

  constructor(whole: Omit<View, "traffic" | "sight">, routesOf: (view: View) => readonly Route[]) {
    this.#whole = {
      ...whole,
      sight: "all",
      traffic: new Traffic(whole.history, whole.store, () => whole.state.about().startedAt),
    };
    this.#routesOf = routesOf;
    this.#all = routesOf(this.#whole);
  }

  routes(sight: Sight): readonly Route[] {
    if (sight === "all") return this.#all;
    const key = [...sight].sort().join(",");
    const known = this.#kept.get(key) ?? this.#make(sight);
    this.#kept.delete(key);
    this.#kept.set(key, known);
    const [oldest, gone] = this.#kept.entries().next().value ?? [];
    if (this.#kept.size > mostKept && oldest !== undefined) {
      gone?.view.traffic.close();
      this.#kept.delete(oldest);
    }
    return known.routes;
  }

  close(): void {
    for (const { traffic } of [this.#whole, ...[...this.#kept.values()].map(({ view }) => view)]) traffic.close();
  }

  #make(seen: ReadonlySet<string>) {
    const state = restrictedState(this.#whole.state, seen);
    const store = restrictedStore(this.#whole.store, seen);
    const history = restrictedHistory(this.#whole.history, seen);
    const traffic = new Traffic(history, store, () => state.about().startedAt);
    const view = {
      sight: seen,
      state,
      store,
      history,
      traffic,
      actions: restrictedActions(this.#whole.actions, state, seen),
    };
    return { view, routes: this.#routesOf(view) };
  }
}

/** Every namespace in which something is. */
export function namespacesIn({ objects }: Snapshot, state: Pick<MeshState, "pods" | "proxies">): readonly string[] {
  const names = new Set([...objects.values()].flatMap((byNamespace) => [...byNamespace.keys()]));
  for (const { name } of objects.get("Namespace")?.get("") ?? []) names.add(name);
  for (const { namespace } of state.pods()) names.add(namespace);
  for (const { proxy } of state.proxies()) names.add(proxy.namespace);
  names.delete("");
  return [...names].sort();
}
