import { crdOf } from "../../gen/crds.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/error.ts";
import { kindOf, type Ref, type Type } from "../../model/resource.ts";
import { fieldManager } from "../operator.ts";
import { type Json, mergedStatus, patchOf, type Stamp } from "./merge.ts";
import type { WantedStatus } from "./wanted.ts";

/** As much of an object as is kept to write its status. */
export interface Live {
  readonly resourceVersion: string;
  readonly generation: number;
  readonly status: Json;
}

interface ObjectAnswer {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly generation?: number;
  };
  readonly status?: Json;
}

export type WriteOptions = Pick<Stamp, "isOwn"> & {
  readonly client: KubernetesClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
};

/** Kinds of Kubernetes itself that get a status. */
const plurals: Readonly<Record<string, string>> = { "Ingress.networking.k8s.io": "ingresses" };

/** Path of a type's objects in a version: `/apis/networking.istio.io/v1`. The newest version where none is said. */
export function collectionOf(type: Type, apiVersion?: string): { readonly root: string; readonly plural: string } {
  const crd = crdOf(type);
  const group = type.slice(kindOf(type).length + 1);
  const version = apiVersion ?? `${group}/${Object.keys(crd?.versions ?? {})[0] ?? "v1"}`;
  return { root: `/apis/${version}`, plural: plurals[type] ?? crd?.plural ?? "" };
}

function pathOf({ type, namespace, name }: Ref, apiVersion: string | undefined): string {
  const { root, plural } = collectionOf(type, apiVersion);
  return namespace === "" ? `${root}/${plural}/${name}` : `${root}/namespaces/${namespace}/${plural}/${name}`;
}

/** The status that is missing at an object, as a merge patch; undefined where nothing is. */
export function missing(wanted: WantedStatus, live: Live, options: Pick<WriteOptions, "isOwn" | "now">) {
  const stamp: Stamp = {
    generation: wanted.generation ?? live.generation,
    now: new Date(options.now()).toISOString().replace(/\.\d+Z$/, "Z"),
    isOwn: options.isOwn,
  };
  return patchOf(mergedStatus(wanted.status, live.status, stamp), live.status);
}

/** What came of a write. */
export type Written = { readonly gone: true } | { readonly gone: false; readonly live: Live; readonly wrote: boolean };

/**
 * Writes what is missing in an object's status, and nothing else of it; answers the object as it is then. What is known of it is tried first; it
 * is read where that may be old. Throws KubernetesError: 409 where another wrote meanwhile, 404 where its kind has no status.
 */
export async function writeStatus(
  wanted: WantedStatus,
  known: Live | undefined,
  options: WriteOptions,
): Promise<Written> {
  const path = pathOf(wanted.ref, wanted.apiVersion);
  const cached = known !== undefined && known.generation === wanted.generation ? known : undefined;
  const live = cached ?? (await read(path, options));
  if (live === undefined) return { gone: true };
  const status = missing(wanted, live, options);
  if (status === undefined) return { gone: false, live, wrote: false };
  try {
    return { gone: false, live: await patch(path, live, status, options), wrote: true };
  } catch (error) {
    // What was not read just now may be gone.
    if (cached === undefined || !isNotFound(error)) throw error;
    return writeStatus(wanted, undefined, options);
  }
}

async function read(path: string, { client, signal }: WriteOptions): Promise<Live | undefined> {
  try {
    return liveOf(await client.ask<ObjectAnswer>(path, { signal }));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function patch(path: string, live: Live, status: Json, { client, signal }: WriteOptions): Promise<Live> {
  const body = { metadata: { resourceVersion: live.resourceVersion }, status };
  const answer = await client.ask<ObjectAnswer>(`${path}/status`, {
    ...{ method: "PATCH", contentType: "application/merge-patch+json", body, signal },
    query: { fieldManager },
  });
  return liveOf(answer);
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubernetesError && error.code === 404;
}

interface ListAnswer {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly ObjectAnswer[];
}

const pageSize = 500;

/** The statuses of all objects of a type, by `namespace/name`. Throws KubernetesError. */
export async function readStatuses(
  type: Type,
  apiVersion: string | undefined,
  { client, signal }: Pick<WriteOptions, "client" | "signal">,
): Promise<ReadonlyMap<string, Live>> {
  const { root, plural } = collectionOf(type, apiVersion);
  const found = new Map<string, Live>();
  for (let next: string | undefined; ; ) {
    const query = { limit: pageSize, continue: next };
    const { metadata, items } = await client.ask<ListAnswer>(`${root}/${plural}`, { query, signal });
    for (const item of items) found.set(`${item.metadata.namespace ?? ""}/${item.metadata.name}`, liveOf(item));
    next = metadata.continue;
    if (!next) return found;
  }
}

function liveOf({ metadata, status }: ObjectAnswer): Live {
  const { resourceVersion, generation = 1 } = metadata;
  return { resourceVersion, generation, status: status ?? {} };
}
