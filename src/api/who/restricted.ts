import type { AccessEntry } from "../../model/access.ts";
import type { Labels } from "../../model/sample.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Selection } from "../../store/series-index.ts";
import type { History, Store } from "../../store/store.ts";
import type { MeshActions } from "../actions.ts";
import type { MeshState } from "../state.ts";
import type { OpenTap } from "../tap-routes.ts";

/** Names of namespaces that may be seen. */
type Names = ReadonlySet<string>;

/** The mesh as somebody sees it to whom some namespaces are shut: what is in these is not there. */
export function restrictedState(state: MeshState, seen: Names): MeshState {
  const snapshots = new WeakMap<Snapshot, Snapshot>();
  return {
    about: () => state.about(),
    snapshot() {
      const whole = state.snapshot();
      const known = snapshots.get(whole) ?? restrictedSnapshot(whole, seen);
      snapshots.set(whole, known);
      return known;
    },
    // What is about no object is a text that could not be read, and nobody can say whose it is.
    diagnostics: () => state.diagnostics().filter(({ about }) => about !== undefined && seen.has(about.namespace)),
    proxies: () => state.proxies().filter(({ proxy }) => seen.has(proxy.namespace)),
    pods: () => state.pods().filter(({ namespace }) => seen.has(namespace)),
    holders: () => state.holders(),
    access() {
      const report = state.access();
      return { ...report, entries: report.entries.filter((entry) => isSeen(entry, seen)) };
    },
    onChange: (listener) => state.onChange(listener),
  };
}

/** Who is called here, and who calls from here: each side of a call may know of it. */
function isSeen({ destination, source }: AccessEntry, seen: Names): boolean {
  return seen.has(destination.namespace) || seen.has(source.workload?.split("/")[0] ?? "");
}

/** Kinds without a namespace that are everybody's who writes routes. */
const common: ReadonlySet<string> = new Set([types.GatewayClass, "IngressClass.networking.k8s.io"]);

function restrictedSnapshot({ revision, objects }: Snapshot, seen: Names): Snapshot {
  const own = [...objects].map(([type, byNamespace]) => {
    const kept = [...byNamespace].flatMap(([namespace, list]) => {
      if (seen.has(namespace) || (namespace === "" && common.has(type))) return [[namespace, list] as const];
      if (namespace !== "" || type !== types.Namespace) return [];
      return [[namespace, list.filter(({ name }) => seen.has(name))] as const];
    });
    return [type, new Map(kept)] as const;
  });
  return { revision, objects: new Map(own) };
}

/** Traffic with at least one end in a namespace that may be seen. */
export function restrictedHistory(history: History, seen: Names): History {
  return {
    totals: (selection, from, to) => history.totals(only(selection, seen), from, to),
    steps: (selection, from, to, step) => history.steps(only(selection, seen), from, to, step),
  };
}

/** The same of the store. */
export function restrictedStore(store: Store, seen: Names): Store {
  return {
    write: () => {},
    totals: (selection, from, to) => store.totals(only(selection, seen), from, to),
    steps: (selection, from, to, step) => store.steps(only(selection, seen), from, to, step),
    onWrite: (listener) => store.onWrite(listener),
    state: () => store.state(),
    // What is beside the samples knows nothing of namespaces.
    ask: () => undefined,
    close: () => {},
  };
}

function only(selection: Selection, seen: Names): Selection {
  const { matches } = selection;
  const touches = (labels: Labels) => ends.some((name) => seen.has(labels[name] ?? ""));
  return { ...selection, matches: (labels) => touches(labels) && (matches?.(labels) ?? true) };
}

const ends = ["source_workload_namespace", "destination_workload_namespace", "destination_service_namespace"];

/** What can be asked of one proxy or Pod, of those alone that the state shows. What concerns the whole mesh stays as it is: its routes ask for that right. */
export function restrictedActions(actions: MeshActions, state: MeshState, seen: Names): MeshActions {
  const shows = (id: string) =>
    state.proxies().some(({ proxy }) => proxy.id === id || `${proxy.name}.${proxy.namespace}` === id);
  const { sentConfig, envoyConfig, logs, logLevels, tap, requests } = actions;
  return {
    ...actions,
    ...(tap && { tap: restrictedTap(tap, seen) }),
    ...(requests && {
      requests: (query) =>
        requests({ ...query, fits: (told) => seen.has(told.destination.namespace) && query.fits(told) }),
    }),
    ...(sentConfig && { sentConfig: async (id, type) => (shows(id) ? sentConfig(id, type) : undefined) }),
    ...(envoyConfig && { envoyConfig: async (id, type) => (shows(id) ? envoyConfig(id, type) : undefined) }),
    ...(logLevels && { logLevels: async (id, change) => (shows(id) ? logLevels(id, change) : undefined) }),
    ...(logs && {
      logs: (pod, options) => {
        const found = state
          .pods()
          .find(({ name, namespace }) => name === pod.name && (pod.namespace ?? namespace) === namespace);
        return found && logs({ name: found.name, namespace: found.namespace }, options);
      },
    }),
  };
}

/** Requests to workloads that may be seen; proxies of no others are asked. */
export function restrictedTap(tap: OpenTap, seen: Names): OpenTap {
  return (filter, listener) => {
    const asked = filter.namespaces.length === 0 ? [...seen] : filter.namespaces.filter((name) => seen.has(name));
    if (asked.length === 0) return { state: () => ({ proxies: 0, share: 1 }), close: () => {} };
    return tap({ ...filter, namespaces: asked }, listener);
  };
}
