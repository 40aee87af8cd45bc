import { type FollowOptions, followObject } from "../kubernetes/follow.ts";
import type { Source, SourceEvent } from "../model/change.ts";
import type { Resource } from "../model/resource.ts";
import { type Judge, readMeshConfig } from "./mesh-config.ts";

/** The settings of a mesh as its ConfigMap has them. */
interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** Istio's ConfigMap of a mesh: key `mesh` is a MeshConfig. */
export interface MeshConfigMap extends Source {
  /** The MeshConfig in force; undefined where none is, which is Istio's defaults. */
  inForce(): Resource | undefined;
  /** Whether it is known what is in force. */
  hasSpoken(): boolean;
  /** The text of a key now; undefined where there is none, or nothing was read yet. */
  text(key: string): string | undefined;
  /** Hears of each change of any key. */
  onChange(listener: () => void): void;
}

export interface MeshConfigMapOptions extends FollowOptions {
  readonly namespace: string;
  /** `istio`, or `istio-REV`. */
  readonly name: string;
  readonly judge: Judge;
}

/**
 * The ConfigMap's `mesh`, followed. What does not parse or has an error is refused, and what it said before stays in force; a ConfigMap that is
 * not there says nothing, which is Istio's defaults. The root namespace is the install namespace, unless it says another.
 */
export function meshConfigMap(options: MeshConfigMapOptions): MeshConfigMap {
  const { namespace, name, judge } = options;
  const at = `ConfigMap ${namespace}/${name}, key mesh`;
  const listeners: (() => void)[] = [];
  let now: ConfigMap | undefined;
  let mesh: Resource | undefined;
  let spoken = false;
  const taken = (event: SourceEvent): SourceEvent => {
    for (const change of event.changes) mesh = "put" in change ? change.put : undefined;
    return event;
  };
  let end = () => {};
  return {
    name: at,
    inForce: () => mesh,
    hasSpoken: () => spoken,
    text: (key) => now?.data?.[key],
    onChange: (listener) => listeners.push(listener),
    start: (listener) =>
      new Promise((resolve) => {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        end = followObject<ConfigMap>({ path, name }, options, (found) => {
          now = found;
          listener(taken(readMeshConfig(at, found?.data?.["mesh"] ?? "", judge, { rootNamespace: namespace })));
          spoken = true;
          for (const one of listeners) one();
          resolve();
        });
      }),
    stop: async () => end(),
  };
}
