import { backoff } from "../std/backoff.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { KubernetesClient } from "./client.ts";
import type { KubernetesError } from "./error.ts";

/** One object to follow. */
export interface Followed {
  /** Of its collection: `/api/v1/namespaces/istio-system/configmaps`. */
  readonly path: string;
  readonly name: string;
}

export interface FollowOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Item {
  readonly metadata: { readonly resourceVersion?: string };
}

interface WatchEvent<T> {
  readonly type: string;
  readonly object: T;
}

/** Seconds that one watch lasts; the object is read anew after each, so that nothing is missed for longer. */
const watchSeconds = 240;

/**
 * Tells one object as it is, and again after each change; undefined where there is none. While the API server is away nothing is told.
 * The answer ends it.
 */
export function followObject<T>(
  { path, name }: Followed,
  { client, clock, random, log }: FollowOptions,
  tell: (object: T | undefined) => void,
): () => void {
  const end = new AbortController();
  const query = { fieldSelector: `metadata.name=${name}` };
  let told: string | undefined;
  const pass = (object: (T & Item) | undefined) => {
    const version = object?.metadata.resourceVersion ?? "";
    if (version === told) return;
    told = version;
    tell(object);
  };
  const once = async () => {
    const list = await client.ask<Item & { readonly items: readonly (T & Item)[] }>(path, {
      query,
      signal: end.signal,
    });
    pass(list.items[0]);
    const { resourceVersion } = list.metadata;
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout((watchSeconds + 30) * 1000)]);
    const watch = { ...query, watch: true, resourceVersion, timeoutSeconds: watchSeconds };
    for await (const line of client.lines(path, { query: watch, signal })) {
      const { type, object } = JSON.parse(line) as WatchEvent<T & Item>;
      if (type === "ERROR") return;
      pass(type === "DELETED" ? undefined : object);
    }
  };
  const run = async () => {
    for (let failures = 0; !end.signal.aborted; ) {
      try {
        await once();
        failures = 0;
      } catch (error) {
        if (end.signal.aborted) return;
        if (failures === 0) log.warn("cannot follow", { path, name, error: (error as KubernetesError).message });
        await new Promise<void>((resolve) => clock.after(backoff(failures, 500, 15_000, random), resolve));
        failures++;
      }
    }
  };
  void run();
  return () => end.abort();
}
