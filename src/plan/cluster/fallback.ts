import type { FallbackSpec } from "../../gen/weft/fallback.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import type { View } from "../view.ts";

/** A Fallback, as far as it is looked for. */
interface Entry {
  readonly name: string;
  readonly host: string;
  readonly subset: string;
  readonly exportTo: readonly string[];
}

/** Fallbacks of a namespace, the oldest first. Key: namespace. */
const fallbacksIn: Step<readonly Entry[]> = {
  name: "plan/fallbacksIn",
  run: (scope, namespace) => {
    const { domain } = scope.ask(mesh, "");
    return [...scope.list<FallbackSpec>(types.Fallback, namespace)]
      .sort((a, b) => a.createdAt - b.createdAt)
      .map(({ name, spec }) => ({
        name,
        host: fullHost(spec.host, namespace, domain).toLowerCase(),
        subset: spec.subset ?? "",
        exportTo: spec.exportTo ?? ["*"],
      }));
  },
};

type Placed = Entry & { readonly namespace: string };

/** Host → Fallbacks that are for it. Key: none. */
const fallbackIndex: Step<ReadonlyMap<string, readonly Placed[]>> = {
  name: "plan/fallbackIndex",
  run: (scope) => {
    const entries = scope
      .namespaces(types.Fallback)
      .flatMap((namespace) => scope.ask(fallbacksIn, namespace).map((entry) => ({ ...entry, namespace })));
    return Map.groupBy(entries, ({ host }) => host);
  },
};

/** Fallbacks of a host. Key: host. A step of its own: a Fallback wakes what has to do with its host. */
const fallbacksOf: Step<readonly Placed[]> = {
  name: "plan/fallbacksOf",
  run: (scope, host) => scope.ask(fallbackIndex, "").get(host) ?? [],
};

/** Whether some Fallback is for a host. */
export function hasFallback(scope: Scope, host: string): boolean {
  return scope.ask(fallbacksOf, host).length > 0;
}

/**
 * The Fallback of a client's calls to a service: of the client's namespace, else of the service's, else of the root namespace; there the one for
 * the subset before the one for all of the host; of several the oldest. `namespace/name`.
 */
export function fallbackFor(
  scope: Scope,
  view: View,
  called: { readonly host: string; readonly namespace: string; readonly subset: string },
): string | undefined {
  const all = scope.ask(fallbacksOf, called.host);
  if (all.length === 0) return undefined;
  for (const namespace of new Set([view.namespace, called.namespace, scope.ask(mesh, "").rootNamespace])) {
    const seen = all.filter((f) => f.namespace === namespace && exportedTo(f.exportTo, namespace, view.namespace));
    const found = seen.find(({ subset }) => subset === called.subset) ?? seen.find(({ subset }) => subset === "");
    if (found !== undefined) return `${namespace}/${found.name}`;
  }
  return undefined;
}

/** For whom a host's Fallbacks may differ, and the hosts that they lead to. */
export function fallbackAudience(
  scope: Scope,
  host: string,
): { readonly namespaces: readonly string[]; readonly hosts: readonly string[] } {
  const entries = scope.ask(fallbacksOf, host);
  return {
    // One that is not for all may be hidden from the namespace that it is in as well as from others.
    namespaces: entries.flatMap(({ namespace, exportTo }) => [
      namespace,
      ...exportTo.filter((ns) => ns !== "*" && ns !== "."),
    ]),
    hosts: entries.flatMap(({ namespace, name }) =>
      (scope.ask(fallbackSays, `${namespace}/${name}`)?.spec.destinations ?? []).map((d) => d.host),
    ),
  };
}

/** Hosts that some Fallback is for, and those that they fall back to. Key: none. */
export const fallbackHosts: Step<ReadonlySet<string>> = {
  name: "plan/fallbackHosts",
  run: (scope) => {
    const all = scope
      .namespaces(types.Fallback)
      .flatMap((ns) => scope.ask(fallbacksIn, ns).map(({ name }) => `${ns}/${name}`));
    const to = all.flatMap((key) => scope.ask(fallbackSays, key)?.spec.destinations ?? []).map(({ host }) => host);
    return new Set([...scope.ask(fallbackIndex, "").keys(), ...to]);
  },
};

/** What a Fallback says. */
export interface FallbackSays {
  readonly ref: Ref;
  readonly spec: FallbackSpec;
  /** `resource.origin.at`. */
  readonly at: string;
}

/** A Fallback by `namespace/name`, hosts in full. */
export const fallbackSays: Step<FallbackSays | undefined> = {
  name: "plan/fallbackSays",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const ref = { type: types.Fallback, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    const found: Resource<FallbackSpec> | undefined = scope.get(ref);
    if (found === undefined) return undefined;
    const { domain } = scope.ask(mesh, "");
    const destinations = (found.spec.destinations ?? []).map((d) => ({
      ...d,
      host: fullHost(d.host, ref.namespace, domain).toLowerCase(),
    }));
    return { ref, spec: { ...found.spec, destinations }, at: found.origin.at };
  },
};
