import { judge } from "../analysis/judge.ts";
import type { ChangeOptions, MeshActions, Permit } from "../api/actions.ts";
import { basisOf } from "../api/basis.ts";
import type { AppliedObject } from "../api/contract/apply.ts";
import { refKey } from "../api/findings.ts";
import { Refusal } from "../api/http/answer.ts";
import type { Change } from "../api/who/caller.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { codes } from "../model/codes.ts";
import { kindOf, type Ref, type Resource } from "../model/resource.ts";
import { get } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import type { ClusterCallers } from "./cluster-callers.ts";
import { type ClusterChange, ClusterJournal } from "./cluster-journal.ts";
import { bodyOf, liveBasis, objectPath } from "./cluster-object.ts";
import { deleteObject, type WriteAnswer, writeObject } from "./cluster-write.ts";
import { applied, refusals } from "./overlay-actions.ts";

type Actions = Required<
  Pick<MeshActions, "apply" | "remove" | "settled" | "changes" | "deleted" | "takeBack" | "cannotWrite">
>;

export interface ClusterChangesOptions {
  readonly discovery: Discovery;
  readonly callers: ClusterCallers;
  readonly now: () => number;
}

/** What the console changes in a cluster: objects of the mesh, by its API server, as who asks. */
export function clusterChanges({ discovery, callers, now }: ClusterChangesOptions): Actions {
  const journal = new ClusterJournal(now, (ref) => get(discovery.snapshot, ref) !== undefined);
  const unread = new Unread(discovery);
  const run = async (text: string, how: ChangeOptions, change: OneChange) => {
    const { caller } = how;
    if (caller === undefined) throw new Refusal(403, "nobody asks for this change");
    const { resources, diagnostics } = parseText("", text, change.judges ? judge : undefined);
    return answered(
      callers.as(caller, async (client) => {
        const done: ClusterChange[] = [];
        const told: AppliedObject[] = [];
        const written = (one: ClusterChange) => {
          done.push(one);
          unread.add(one.ref, one.after);
        };
        for (const resource of resources) {
          const base = applied(resource, "refused", diagnostics, discovery.snapshot);
          told.push(await one({ client, resource, base, how, change, written }));
        }
        const id = journal.add(caller.name, done);
        if (id !== undefined) how.kept?.(id);
        return [...told, ...refusals(resources, diagnostics, discovery.snapshot)];
      }),
    );
  };
  return {
    apply: (text, how) => run(text, how, applies),
    remove: (text, how) => run(text, how, removes),
    settled: (signal) => unread.settled(signal),
    changes: () => journal.list(),
    deleted: () => journal.deleted(),
    takeBack: (id, permit, only, caller) =>
      answered(
        callers.as(caller, (client) =>
          journal.takeBack(id, {
            ...{ permit, client, restored: (ref, object) => unread.add(ref, object) },
            ...(only && { only }),
          }),
        ),
      ),
    cannotWrite: (caller) => answered(callers.refusal(caller).then((found) => found && wordsOf(found))),
  };
}

function wordsOf({ message, fix }: Refusal): string {
  return fix === undefined ? message : `${message}: ${fix}`;
}

/** What is done to each object of a text. */
interface OneChange {
  /** Whether what is wrong with an object refuses it. */
  readonly judges: boolean;
  readonly acts: (client: KubernetesClient, path: string) => Promise<readonly Change["what"][]>;
  readonly write: (
    client: KubernetesClient,
    path: string,
    resource: Resource,
    options: { readonly dryRun: boolean; readonly basis: string | undefined; readonly force: boolean },
  ) => Promise<WriteAnswer>;
}

const applies: OneChange = {
  judges: true,
  // A server-side apply that creates needs both rights.
  acts: async (client, path) => ((await orNothing(client.ask(path))) === undefined ? ["create", "update"] : ["update"]),
  write: (client, path, resource, options) => writeObject(client, path, bodyOf(resource), options),
};

const removes: OneChange = {
  judges: false,
  acts: async () => ["delete"],
  write: (client, path, _, options) => deleteObject(client, path, options),
};

interface OneObject {
  readonly client: KubernetesClient;
  readonly resource: Resource;
  /** What is told of it where it is refused. */
  readonly base: AppliedObject;
  readonly how: ChangeOptions;
  readonly change: OneChange;
  readonly written: (change: ClusterChange) => void;
}

async function one({ client, resource, base, how, change, written }: OneObject): Promise<AppliedObject> {
  const path = objectPath(resource);
  if (path === undefined) return refused(base, resource, notOurs(resource));
  const { dryRun, permit, bases, force = false } = how;
  const basis = bases?.get(refKey(resource));
  try {
    const why = await firstRefusal(permit, resource, await change.acts(client, path));
    if (why !== undefined) return { ...refused(base, resource, forbiddenWords(why)), forbidden: true };
    const answer = await change.write(client, path, resource, { dryRun, basis, force });
    const warnings = answer.warnings.length === 0 ? {} : { warnings: answer.warnings };
    if ("conflict" in answer) return { ...base, conflict: answer.conflict, ...warnings };
    const { outcome, before, after } = answer;
    const { type, namespace, name } = resource;
    if (!dryRun && outcome !== "unchanged" && outcome !== "not found")
      written({ ref: { type, namespace, name }, path, outcome, ...(before && { before }), ...(after && { after }) });
    return { ...base, outcome, ...warnings };
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code === 0 || error.code === 401) throw error;
    const isDenied = error.code === 403 && !error.message.includes("denied the request");
    const told = { message: error.message, fix: isDenied ? askForRight : "mend that, and apply it again" };
    return { ...refused(base, resource, told), ...(isDenied ? { forbidden: true } : {}) };
  }
}

const askForRight = "ask whoever runs this cluster for the right, or run the kubectl command where you have it";

function forbiddenWords(message: string) {
  return { code: codes.forbidden, message, fix: askForRight };
}

function notOurs({ type }: Resource) {
  const message = `a ${kindOf(type)} is not the mesh's own: the console leaves it alone`;
  return { message, fix: "change it by kubectl" };
}

function refused(
  base: AppliedObject,
  about: Resource,
  { code = codes.invalid, message, fix }: { readonly code?: string; readonly message: string; readonly fix: string },
): AppliedObject {
  const finding = {
    code,
    level: "Error",
    origin: `${kindOf(about.type)} ${about.name}`,
    at: "",
    message,
    fix,
  } as const;
  return { ...base, diagnostics: [...base.diagnostics, finding] };
}

async function firstRefusal(permit: Permit, ref: Ref, acts: readonly Change["what"][]): Promise<string | undefined> {
  const { type, namespace, name } = ref;
  for (const what of acts) {
    const why = await permit({ what, type, namespace, name });
    if (why !== undefined) return why;
  }
  return undefined;
}

/** What the API server answered; where it cannot be asked, or does not know who asks, in words for them. */
function answered<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.code === 401)
      throw new Refusal(403, "the API server does not take your token", "log in anew, or run the kubectl command");
    throw new Refusal(503, `the API server cannot be asked: ${error.message}`, "try again in a moment");
  });
}

/** What was written and this replica has not read yet. */
class Unread {
  readonly #discovery: Discovery;
  readonly #expected = new Map<string, () => boolean>();

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  add(ref: Ref, now: KubernetesObject | undefined): void {
    const basis = now && liveBasis(now);
    const generation = Number(now?.metadata["generation"] ?? 0);
    this.#expected.set(refKey(ref), () => {
      const found = get(this.#discovery.snapshot, ref);
      if (found === undefined || basis === undefined) return found === undefined && basis === undefined;
      return basisOf(found) === basis || found.generation > generation;
    });
  }

  /** Resolves when all of it was read, or the signal aborts: what nobody reads here is not waited for again. */
  settled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        for (const [key, isRead] of this.#expected) if (isRead() || signal.aborted) this.#expected.delete(key);
        if (this.#expected.size > 0) return;
        stop();
        signal.removeEventListener("abort", look);
        resolve();
      };
      const stop = this.#discovery.onChange(look);
      signal.addEventListener("abort", look);
      look();
    });
  }
}
