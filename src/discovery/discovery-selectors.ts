import { type LabelSelector, selects } from "../model/label-selector.ts";
import type { Resource } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { meshConfigRef } from "../plan/mesh.ts";

type ByNamespace = ReadonlyMap<string, readonly Resource[]>;

/**
 * MeshConfig's `discoverySelectors`: namespaces that none of them selects are not read, as if nothing stood there. A namespace that no object
 * tells of has the label that Kubernetes gives each, its name. The root namespace is always read: else policies of the whole mesh would be lost.
 */
export class DiscoverySelectors {
  #mesh: Resource | undefined;
  #namespaces: ByNamespace | undefined;
  /** What was made of the lists of a type: what did not change stays the same object, so that nobody looks into it again. */
  #seen = new WeakMap<ByNamespace, ByNamespace>();

  /** What is read of a snapshot; itself where nothing is selected. */
  of(whole: Snapshot): Snapshot {
    const mesh = get(whole, meshConfigRef);
    const { discoverySelectors: selectors = [], rootNamespace: root = "istio-system" } = (mesh?.spec ?? {}) as Said;
    if (selectors.length === 0) return whole;
    const namespaces = whole.objects.get(types.Namespace);
    if (mesh !== this.#mesh || namespaces !== this.#namespaces) this.#seen = new WeakMap();
    this.#mesh = mesh;
    this.#namespaces = namespaces;
    const reads = (namespace: string) => {
      if (namespace === "" || namespace === root) return true;
      const labels = get(whole, { type: types.Namespace, namespace: "", name: namespace })?.labels;
      return selectors.some((each) => selects(each, { "kubernetes.io/metadata.name": namespace, ...labels }));
    };
    return { ...whole, objects: new Map([...whole.objects].map(([type, lists]) => [type, this.#only(lists, reads)])) };
  }

  #only(lists: ByNamespace, reads: (namespace: string) => boolean): ByNamespace {
    const known = this.#seen.get(lists);
    if (known !== undefined) return known;
    const seen = new Map([...lists].filter(([namespace]) => reads(namespace)));
    this.#seen.set(lists, seen);
    return seen;
  }
}

interface Said {
  readonly discoverySelectors?: readonly LabelSelector[];
  readonly rootNamespace?: string;
}
