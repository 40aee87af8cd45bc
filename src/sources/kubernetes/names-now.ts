import type { Change } from "../../model/change.ts";
import type { Resource, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { type Named, type Naming, namedBy, namingTypes, selectorsIn } from "./named.ts";

type Labels = Resource["labels"];

/** Which Secrets and ConfigMaps are named now, and what would change that. */
export interface NamesNow {
  readonly wanted: ReadonlyMap<string, Named>;
  /** Whether a change may make others be named. */
  readonly concernedBy: (change: Change) => boolean;
}

/** Istio's, where MeshConfig names no other. */
const usualIngress: Labels = { istio: "ingressgateway" };

/** `all` answers what is kept of a type. */
export function namesNow(all: (type: Type) => readonly Resource[], mesh: Resource | undefined): NamesNow {
  const { ingressSelector = usualIngress } = (mesh?.spec ?? {}) as { readonly ingressSelector?: Labels };
  const objects = namingTypes.flatMap(all);
  const namespacesOf = byLabels(() => all(types.Pod));
  const naming: Naming = { objects, namespacesOf, ingressSelector };
  const selectors = selectorsIn(naming);
  const where = new Set(selectors.flatMap((labels) => [...namespacesOf(labels)]));
  const ofTypes = new Set(namingTypes);
  return {
    wanted: namedBy(naming),
    concernedBy(change) {
      if (!("put" in change)) {
        const { type, namespace } = change.remove;
        return ofTypes.has(type) || (type === types.Pod && where.has(namespace));
      }
      const { type, namespace, labels } = change.put;
      if (type !== types.Pod) return ofTypes.has(type);
      return selectors.some((selector) => covers(selector, labels) && !namespacesOf(selector).has(namespace));
    },
  };
}

function byLabels(pods: () => readonly Resource[]): (labels: Labels) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (labels) => {
    const key = JSON.stringify(labels);
    let found = known.get(key);
    if (found === undefined) {
      found = new Set(pods().flatMap((pod) => (covers(labels, pod.labels) ? [pod.namespace] : [])));
      known.set(key, found);
    }
    return found;
  };
}

/** Whether a Pod has all labels of a selector. One without labels chooses no Pods, but all routers: those that others choose. */
function covers(selector: Labels, labels: Labels): boolean {
  const pairs = Object.entries(selector);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}
