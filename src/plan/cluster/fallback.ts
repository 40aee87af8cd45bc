import type { FallbackSpec } from "../../gen/weft/fallback.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { fullHost } from "../host.ts";
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

/**
 * The Fallback of a client's calls to a service: of the client's namespace, else of the service's, else of the root namespace; there the one for
 * the subset before the one for all of the host; of several the oldest. `namespace/name`.
 */
export function fallbackFor(
  scope: Scope,
  view: View,
  called: { readonly host: string; readonly namespace: string; readonly subset: string },
): string | undefined {
  for (const namespace of new Set([view.namespace, called.namespace, scope.ask(mesh, "").rootNamespace])) {
    const seen = scope
      .ask(fallbacksIn, namespace)
      .filter(({ host, exportTo }) => host === called.host && exportedTo(exportTo, namespace, view.namespace));
    const found = seen.find(({ subset }) => subset === called.subset) ?? seen.find(({ subset }) => subset === "");
    if (found !== undefined) return `${namespace}/${found.name}`;
  }
  return undefined;
}

/** Host → Fallbacks that are for it, each with its namespace. Key: none. */
const fallenBackFrom: Step<ReadonlyMap<string, readonly (Entry & { readonly namespace: string })[]>> = {
  name: "plan/fallenBackFrom",
  run: (scope) => {
    const entries = scope
      .namespaces(types.Fallback)
      .flatMap((namespace) => scope.ask(fallbacksIn, namespace).map((entry) => ({ ...entry, namespace })));
    return Map.groupBy(entries, ({ host }) => host);
  },
};

/** For whom a host's Fallbacks may differ, and the hosts that they lead to. Key: host. */
export const fallbackAudience: Step<{ readonly namespaces: readonly string[]; readonly hosts: readonly string[] }> = {
  name: "plan/fallbackAudience",
  run: (scope, host) => {
    const entries = scope.ask(fallenBackFrom, "").get(host) ?? [];
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
  },
};

/** Whether some Fallback is for a host. Key: host. A step of its own: a Fallback wakes what has to do with its host. */
export const hasFallback: Step<boolean> = {
  name: "plan/hasFallback",
  run: (scope, host) => scope.ask(fallenBackFrom, "").has(host),
};

/** Hosts that some Fallback is for, and those that they fall back to. Key: none. */
export const fallbackHosts: Step<ReadonlySet<string>> = {
  name: "plan/fallbackHosts",
  run: (scope) => {
    const all = scope
      .namespaces(types.Fallback)
      .flatMap((ns) => scope.ask(fallbacksIn, ns).map(({ name }) => `${ns}/${name}`));
    const to = all.flatMap((key) => scope.ask(fallbackSays, key)?.spec.destinations ?? []).map(({ host }) => host);
    return new Set([...scope.ask(fallenBackFrom, "").keys(), ...to]);
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
