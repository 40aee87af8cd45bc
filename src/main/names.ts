import type { Discovery } from "../discovery/discovery.ts";
import type { NameView } from "../host/dns/names.ts";
import { clientNames } from "../plan/client-names.ts";
import { meshNames } from "../plan/names.ts";

type Names = NameView["names"];

/** What Pods resolve: all names, and for those that see other ones (a Sidecar, exportTo) their own. */
export interface KnownNames {
  readonly all: Names;
  readonly views: readonly NameView[];
}

/** Follows which names are known to whom. */
export class NameBook {
  readonly #discovery: Discovery;
  #asked = new Set<string>();
  #last: { readonly all: Names; readonly by: ReadonlyMap<string, Names> } | undefined;

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  /** The names now; undefined where nothing has changed since it was asked last. */
  changed(): KnownNames | undefined {
    const { tracker } = this.#discovery;
    const all = tracker.ask(meshNames, "");
    const keys = new Set<string>();
    const by = new Map<string, Names>();
    for (const { proxy } of this.#discovery.proxies()) {
      if (proxy.kind !== "sidecar") continue;
      const { namespace, labels } = proxy;
      const key = JSON.stringify({ namespace, labels });
      keys.add(key);
      const own = tracker.ask(clientNames, key);
      if (!sameNames(own, all)) for (const ip of proxy.ips) by.set(ip, own);
    }
    for (const key of this.#asked) if (!keys.has(key)) tracker.release(clientNames, key);
    this.#asked = keys;
    const before = this.#last;
    if (before?.all === all && before.by.size === by.size && [...by].every(([ip, n]) => before.by.get(ip) === n))
      return;
    this.#last = { all, by };
    const views = Map.groupBy(by, ([, names]) => names);
    return { all, views: [...views].map(([names, of]) => ({ clients: of.map(([ip]) => ip), names })) };
  }
}

function sameNames(a: Names, b: Names): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [name, addresses] of a) if (b.get(name)?.join() !== addresses.join()) return false;
  return true;
}
