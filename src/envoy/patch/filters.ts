import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { FilterClass } from "../../plan/patch/patch.ts";
import { type Anchored, isNamed } from "./anchors.ts";
import { changedItems } from "./items.ts";
import { mergeInto, type Patching, type ReadyPatch, valueOf } from "./patch.ts";

/** What a listener's, a connection's and a request's filters have in common. */
interface AnyFilter {
  name: string;
  configType: { case?: string | undefined };
}

/** Filters that the mesh itself needs before all others, by the start of their names: a patch for the first place comes after them. */
const own = "weft.";

/** Where filters of a class go: before the first of these. */
const classes: Readonly<Partial<Record<FilterClass, readonly string[]>>> = {
  AUTHN: ["envoy.filters.http.rbac", "envoy.filters.network.rbac"],
  AUTHZ: ["envoy.filters.http.grpc_stats", "istio.stats"],
  STATS: ["istio.stats"],
};

export interface FilterPatching<Desc extends DescMessage> {
  readonly desc: Desc;
  /** The last one ends the chain: what is added comes before it. */
  readonly endsChain: boolean;
  /** Patches of these filters, their place in the listener looked at already. */
  readonly patches: readonly ReadyPatch[];
  /** The filter that a patch names. */
  anchorOf(ready: ReadyPatch): string | undefined;
}

/** Filters after patches: first those that change the list, then those that change a filter, as in Istio. */
export function patchFilters<Desc extends DescMessage>(
  anchored: Anchored<MessageShape<Desc> & AnyFilter>,
  { desc, endsChain, patches, anchorOf }: FilterPatching<Desc>,
  at: Patching,
): (MessageShape<Desc> & AnyFilter)[] {
  type Item = MessageShape<Desc> & AnyFilter;
  let filters: readonly Item[] = anchored.filters;
  for (const ready of patches) {
    const { operation, filterClass } = ready.patch;
    const name = anchorOf(ready);
    const real = operation === "REMOVE";
    const anchor = (filter: Item) => isNamed(filter, name ?? "") && !(real && anchored.isStand(filter));
    const first = filters.findIndex((f) => !f.name.startsWith(own));
    const end = endsChain && filters.length > 0 ? filters.length - 1 : filters.length;
    const changed = changedItems(filters, {
      operation,
      make: () => valueOf(desc, ready) as Item,
      first: first < 0 ? filters.length : first,
      last: operation === "ADD" ? classPlace(filters, filterClass, end) : end,
      ...(name === undefined ? {} : { anchor }),
    });
    if (changed === undefined) continue;
    filters = changed;
    at.hit(ready.patch);
  }
  for (const filter of filters)
    for (const ready of patches) {
      const name = anchorOf(ready);
      // What comes by discovery is not here to be merged with.
      if (anchored.isStand(filter) || filter.configType.case === "configDiscovery") continue;
      if (name === undefined || isNamed(filter, name)) mergeInto(desc, filter, ready, at);
    }
  return anchored.without(filters);
}

function classPlace(filters: readonly AnyFilter[], filterClass: FilterClass, end: number): number {
  const names = classes[filterClass] ?? [];
  const at = filters.findIndex((filter) => names.some((name) => isNamed(filter, name)));
  return at < 0 ? end : at;
}
