import { inFlight } from "../kubernetes/in-flight.ts";
import { keyOf } from "../kubernetes/object.ts";
import { Watch } from "../kubernetes/watch.ts";
import type { WatchOptions } from "../kubernetes/watch-options.ts";
import type { PodObject } from "./node-pod.ts";

/** After words that came to nothing, milliseconds until they are said again. */
const againMs = 10_000;

type Options = Pick<WatchOptions, "client" | "clock" | "random" | "log"> & { readonly node: string };

/**
 * Tells each Pod of a node as it is, and again after each change; also again where telling failed, as long as the Pod is the same. The answer ends it.
 */
export function watchNodePods(
  { node, ...options }: Options,
  tell: (pod: PodObject) => Promise<void>,
): { stop(): Promise<void> } {
  const { clock, log } = options;
  const versions = new Map<string, string>();
  let stopped = false;
  const say = (key: string, version: string, pod: PodObject) => {
    if (stopped || versions.get(key) !== version) return;
    tell(pod).catch((error: Error) => {
      log.warn("cannot tell whether a Pod is redirected", { pod: key, error: error.message });
      clock.after(againMs, () => say(key, version, pod));
    });
  };
  const watch = new Watch({
    ...options,
    resource: { group: "", version: "v1", plural: "pods" },
    query: { fieldSelector: `spec.nodeName=${node}` },
    lists: inFlight(1),
    sink: {
      keys: () => versions.keys(),
      version: (key) => versions.get(key),
      put(object) {
        const version = object.metadata.resourceVersion ?? "";
        versions.set(keyOf(object), version);
        say(keyOf(object), version, object as unknown as PodObject);
      },
      remove: (key) => versions.delete(key),
      listed: () => {},
    },
    onState: (state) => {
      if (state.kind === "lost" || state.kind === "refused")
        log.warn("Pods of this node are not seen now: those that are not redirected stay so", {
          error: state.error.message,
        });
    },
  });
  return {
    async stop() {
      stopped = true;
      await watch.stop();
    },
  };
}
