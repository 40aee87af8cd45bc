import type { Permit, TakenBack } from "../api/actions.ts";
import type { ConfigChange } from "../api/contract/changes.ts";
import type { DeletedObject } from "../api/contract/deleted.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";
import { mergePatch } from "../kubernetes/merge-patch.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Ref } from "../model/resource.ts";
import { liveBasis, saidIn } from "./cluster-object.ts";
import { fieldManager, patchObject } from "./cluster-write.ts";
import {
  deletedIn,
  listed,
  markedBack,
  meantIn,
  movedWords,
  type RecordedChange,
  type RecordedObject,
  refusalOf,
  undoneOf,
  usuallyKept,
} from "./recorded-changes.ts";

/** One object of a change. */
export interface ClusterChange {
  readonly ref: Ref;
  readonly path: string;
  readonly outcome: "created" | "configured" | "deleted";
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

type Kept = RecordedChange<ClusterChange & RecordedObject>;

export interface TakeBackOptions {
  readonly permit: Permit;
  /** Of who takes it back. */
  readonly client: KubernetesClient;
  /** One object of it; absent: all. */
  readonly only?: Ref;
  /** Told of each object that is as it was. */
  readonly restored: (ref: Ref, now: KubernetesObject | undefined) => void;
}

/** What was changed in a cluster by this replica since it began, and how it was before. */
export class ClusterJournal {
  readonly #now: () => number;
  readonly #isThere: (ref: Ref) => boolean;
  #kept: readonly Kept[] = [];
  #count = 0;

  constructor(now: () => number, isThere: (ref: Ref) => boolean) {
    this.#now = now;
    this.#isThere = isThere;
  }

  /** Answers by which id it is known later; undefined where nothing was changed. */
  add(who: string, changes: readonly ClusterChange[]): string | undefined {
    if (changes.length === 0) return undefined;
    const id = `c${++this.#count}`;
    const objects = changes.map((change) => ({ ...change, takenBack: false }));
    this.#kept = [{ id, at: this.#now(), who, objects }, ...this.#kept].slice(0, usuallyKept);
    return id;
  }

  /** The latest first. */
  list(): readonly ConfigChange[] {
    return listed(this.#kept);
  }

  /** What was deleted within a day and is still gone, the latest first. */
  deleted(): readonly DeletedObject[] {
    return deletedIn(this.#kept, this.#now(), ({ ref }) => !this.#isThere(ref));
  }

  /** Puts everything that a change touched back as it was, as whom the client asks; nothing where one of the objects was changed again, or may not be. */
  async takeBack(id: string, { permit, client, only, restored }: TakeBackOptions): Promise<TakenBack | undefined> {
    const meant = meantIn(this.#kept, id, only);
    if (meant === undefined) return undefined;
    const refused = await refusalOf(meant, permit);
    if (refused !== undefined) return refused;
    try {
      for (const one of meant) await putBack(client, one, true);
      for (const one of meant) {
        const now = await putBack(client, one, false);
        this.#markBack(id, one.ref);
        restored(one.ref, now);
      }
    } catch (error) {
      if (error instanceof Moved) return { conflict: error.message };
      if (error instanceof KubernetesError && error.code === 403) return { forbidden: error.message };
      if (error instanceof KubernetesError && error.code > 0) return { conflict: error.message };
      throw error;
    }
    return { objects: meant.map(undoneOf) };
  }

  #markBack(id: string, ref: Ref): void {
    this.#kept = this.#kept.map((kept) =>
      kept.id === id ? markedBack<Kept["objects"][number], Kept>(kept, [ref]) : kept,
    );
  }
}

/** Somebody changed it since. */
class Moved extends Error {
  constructor(ref: Ref) {
    super(movedWords(ref));
  }
}

/** One object as it was; answers what is there then. Throws Moved, KubernetesError. */
async function putBack(
  client: KubernetesClient,
  { ref, path, before, after }: ClusterChange,
  dryRun: boolean,
): Promise<KubernetesObject | undefined> {
  const live = await orNothing(client.ask<KubernetesObject>(path));
  if ((live && liveBasis(live)) !== (after && liveBasis(after))) throw new Moved(ref);
  if (before === undefined) {
    const preconditions = { uid: live?.metadata["uid"], resourceVersion: live?.metadata.resourceVersion };
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions };
    await client.ask(path, { method: "DELETE", body: { ...body, ...(dryRun ? { dryRun: ["All"] } : {}) } });
    return undefined;
  }
  if (live !== undefined) {
    const patch = mergePatch(saidIn(live), saidIn(before)) ?? {};
    return patchObject(client, path, patch, live.metadata.resourceVersion, dryRun);
  }
  return client.ask<KubernetesObject>(path.slice(0, path.lastIndexOf("/")), {
    method: "POST",
    query: { fieldManager, dryRun: dryRun ? "All" : undefined },
    body: saidIn(before),
  });
}
