import type { KubernetesObject } from "./object.ts";
import { keyOf } from "./object.ts";
import { Watch } from "./watch.ts";
import type { WatchOptions, WatchState } from "./watch-options.ts";

/** A collection of an API server, or what matters of it, kept equal to it while it answers. */
export interface Kept<T> {
  /** By `namespace/name`, or `name` for objects without a namespace. */
  readonly all: ReadonlyMap<string, T>;
  readonly state: WatchState;
  stop(): Promise<void>;
}

export interface KeptOptions<T> extends Omit<WatchOptions, "sink" | "onState"> {
  /** What is kept of an object. */
  readonly of: (object: KubernetesObject) => T;
  /** Called once the first list is whole, after each change from then on, and when the state changes. */
  readonly onChange: () => void;
}

export function keep<T>({ of, onChange, ...options }: KeptOptions<T>): Kept<T> {
  const all = new Map<string, T>();
  const versions = new Map<string, string>();
  let whole = false;
  const changed = () => {
    if (whole) onChange();
  };
  const watch = new Watch({
    ...options,
    onState: onChange,
    sink: {
      keys: () => versions.keys(),
      version: (key) => versions.get(key),
      put(object) {
        versions.set(keyOf(object), object.metadata.resourceVersion ?? "");
        all.set(keyOf(object), of(object));
        changed();
      },
      remove(key) {
        versions.delete(key);
        if (all.delete(key)) changed();
      },
      listed() {
        whole = true;
        onChange();
      },
    },
  });
  return {
    all,
    get state() {
      return watch.state;
    },
    stop: () => watch.stop(),
  };
}
