import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import {
  isMeshRouteGroup,
  type MeshRouteGroup,
  meshRouteGroups,
  meshRouteGroupsIn,
} from "../gateway-api/mesh-routes.ts";
import { bySpecificity, hostMatches } from "../host.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import { egressListeners, takesVirtualService } from "../sidecar/egress.ts";
import { parseViewer } from "../view.ts";
import { gatewayInFull } from "./rules.ts";

/** What decides which VirtualService holds for a host; not what it says, so that an edit of a route stops here. */
export interface VirtualServiceEntry {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  /** In full, lower-case, as written order. */
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly createdAt: number;
}

/** Of one VirtualService; undefined for one without hosts: a delegate. Key: `namespace/name`. */
const entryOf: Step<VirtualServiceEntry | undefined> = {
  name: "plan/virtualServiceEntry",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const found = scope.get<VirtualServiceSpec>({ type: types.VirtualService, namespace, name });
    if (!found?.spec.hosts?.length) return undefined;
    const { domain, defaultVirtualServiceExportTo } = scope.ask(mesh, "");
    const { spec, createdAt } = found;
    return {
      key,
      namespace,
      hosts: [...new Set((spec.hosts ?? []).map((host) => fullHost(host, namespace, domain).toLowerCase()))],
      gateways: spec.gateways?.length ? spec.gateways.map((g) => gatewayInFull(g, namespace)) : ["mesh"],
      exportTo: spec.exportTo?.length ? [...spec.exportTo] : defaultVirtualServiceExportTo,
      createdAt,
    };
  },
  early: true,
};

/** VirtualServices with hosts. Key: namespace. */
const entriesIn: Step<readonly VirtualServiceEntry[]> = {
  name: "plan/virtualServiceEntries",
  run: (scope, namespace) =>
    scope.names(types.VirtualService, namespace).flatMap((name) => scope.ask(entryOf, `${namespace}/${name}`) ?? []),
};

/** All VirtualServices of the mesh by age, then namespace and name. Key: none. */
export const virtualServiceEntries: Step<readonly VirtualServiceEntry[]> = {
  name: "plan/allVirtualServices",
  run: (scope) =>
    scope
      .namespaces(types.VirtualService)
      .flatMap((namespace) => scope.ask(entriesIn, namespace))
      .sort((a, b) => a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1)),
};

/** Host pattern → VirtualServices for sidecars that name it, the oldest first. */
interface HostIndex {
  readonly exact: ReadonlyMap<string, readonly VirtualServiceEntry[]>;
  /** The most specific pattern first. */
  readonly wildcards: readonly (readonly [string, readonly VirtualServiceEntry[]])[];
}

/** VirtualServices and groups of routes of a namespace that hold in sidecars. Key: namespace. */
export const meshEntriesIn: Step<readonly VirtualServiceEntry[]> = {
  name: "plan/meshEntries",
  run: (scope, namespace) => [
    ...scope.ask(entriesIn, namespace).filter((entry) => entry.gateways.includes("mesh")),
    ...scope.ask(meshRouteGroupsIn, namespace).map(groupEntry),
  ],
};

/** Key: none. */
export const virtualServiceIndex: Step<HostIndex> = {
  name: "plan/virtualServiceIndex",
  run: (scope) => {
    const byHost = new Map<string, VirtualServiceEntry[]>();
    const groups = scope.ask(meshRouteGroups, "").map(groupEntry);
    const all = [...scope.ask(virtualServiceEntries, ""), ...groups];
    for (const entry of groups.length === 0 ? all : all.sort((a, b) => a.createdAt - b.createdAt)) {
      if (!entry.gateways.includes("mesh")) continue;
      for (const host of entry.hosts) {
        const found = byHost.get(host);
        if (found === undefined) byHost.set(host, [entry]);
        else found.push(entry);
      }
    }
    const wildcards = [...byHost].filter(([host]) => host.startsWith("*"));
    for (const [host] of wildcards) byHost.delete(host);
    return { exact: byHost, wildcards: wildcards.sort(([a], [b]) => bySpecificity(a, b)) };
  },
};

/** A group of routes stands among VirtualServices as Istio has it: as one for all, or for its own namespace. */
function groupEntry({ key, namespace, host, consumer, createdAt }: MeshRouteGroup): VirtualServiceEntry {
  return { key, namespace, hosts: [host], gateways: ["mesh"], exportTo: [consumer ? "." : "*"], createdAt };
}

/**
 * VirtualServices that hold for a host in sidecars of a namespace, the strongest first: the first that has a rule for the client and port
 * counts alone (they are not merged). A more specific host is stronger, then what is for this namespace only, then the older one. A Sidecar
 * leaves those that it does not name. Keys of `virtualServiceRules`, or of groups of Gateway API's routes. Key: `viewerOf|host`.
 */
export const virtualServicesFor: Step<readonly string[]> = {
  name: "plan/virtualServicesFor",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const [viewer, host] = [key.slice(0, bar), key.slice(bar + 1)];
    const { exact, wildcards } = scope.ask(virtualServiceIndex, "");
    const covering = wildcards.filter(([pattern]) => hostMatches(pattern, host)).map(([, entries]) => entries);
    const { namespace, sidecar } = parseViewer(viewer);
    const listeners = sidecar === undefined ? undefined : scope.ask(egressListeners, viewer);
    return [exact.get(host) ?? [], ...covering]
      .flatMap((entries) => seenBy(entries, namespace))
      .filter((entry) => listeners?.some((l) => takesVirtualService(l, entry.namespace, entry.hosts)) !== false)
      .map((entry) => entry.key)
      .filter((found, index, all) => all.indexOf(found) === index);
  },
};

/**
 * Those exported to a namespace: its private ones, then those exported to it by name, then public ones, as in Istio; of the public ones first the
 * namespace's own routes of Gateway API.
 */
export function seenBy(entries: readonly VirtualServiceEntry[], viewer: string): readonly VirtualServiceEntry[] {
  const seen = entries.filter((entry) => exportedTo(entry.exportTo, entry.namespace, viewer));
  const rank = ({ key, namespace, exportTo }: VirtualServiceEntry) => {
    if (!exportTo.includes("*")) return namespace === viewer ? 0 : 1;
    return isMeshRouteGroup(key) && namespace === viewer ? 2 : 3;
  };
  return seen.toSorted((a, b) => rank(a) - rank(b));
}
