import { type Applied, type Ask, appliedBy, applyObject, type Change, fieldManager, find } from "./apply.ts";
import { type Component, componentOf, components } from "./components.ts";
import { inTurns } from "./in-turns.ts";
import type { Installation } from "./installation.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import { type KubeObject, nameOf } from "./object.ts";
import { helmRelease, labelled, ourRelease, releaseLabels } from "./owned.ts";
import { readinessOf } from "./readiness.ts";
import { takesAll } from "./takeover.ts";
import type { Trouble } from "./trouble.ts";

export interface InstallOptions {
  readonly dryRun: boolean;
  /** Waits a moment; answers false when there is no time left. */
  readonly pause: () => Promise<boolean>;
  /** Whether each part must do its work before the next is applied. Definitions are waited for in any case. */
  readonly waits: boolean;
  /** Objects of Helm's and definitions of others' are changed, too. */
  readonly takesOwnership: boolean;
}

/** How far a part is. */
export interface Progress {
  readonly component: Component;
  readonly state: "working" | "done" | "failed";
  readonly text: string;
}

export interface Outcome {
  readonly applied: readonly Applied[];
  /** Definitions that somebody else installed, left as they are. */
  readonly left: readonly KubeObject[];
  /** What an earlier installation had and this one has not. */
  readonly removed: readonly KubeObject[];
  /** What did not become ready in time. */
  readonly unready: readonly { readonly object: KubeObject; readonly text: string; readonly trouble?: Trouble }[];
}

/** Objects of another release stand where ours would be. */
export class OwnedElsewhere extends Error {
  /** The release, where it is Helm's. */
  readonly helm: string | undefined;
  constructor(object: KubeObject, release: string, helm: boolean) {
    super(`${nameOf(object)} belongs to ${helm ? "Helm's" : "the"} release ${release}`);
    this.helm = helm ? release : undefined;
  }
}

/** Brings a cluster to what an installation says, part by part; a part whose forerunner is not ready in time is not begun. Throws KubernetesError, OwnedElsewhere, LeftBehind. */
export async function install(
  ask: Ask,
  installation: Installation,
  kinds: Kinds,
  options: InstallOptions,
  show: (progress: Progress) => void,
): Promise<Outcome> {
  const objects = [...installation.crds, ...installation.objects];
  if (options.takesOwnership) await takesAll(ask, installation, kinds);
  const left = options.takesOwnership ? [] : await foreign(ask, installation, kinds);
  const wanted = objects.filter((object) => !left.includes(object));
  const applied: Applied[] = [];
  let unready: Outcome["unready"] = [];
  for (const component of components) {
    const part = wanted.filter((object) => componentOf(object) === component);
    if (part.length === 0 || unready.length > 0) continue;
    show({ component, state: "working", text: `${part.length} objects` });
    const done = await applyPart(ask, part, kinds, options.dryRun);
    applied.push(...done);
    if (!options.dryRun) unready = await untilReady(ask, component, part, kinds, options, show);
    if (unready.length === 0) show({ component, state: "done", text: counted(done) });
  }
  const removed = unready.length > 0 ? [] : await prune(ask, installation, kinds, options.dryRun);
  return { applied, left, removed, unready };
}

/** Definitions that others installed. Throws OwnedElsewhere for anything else of theirs. */
async function foreign(
  ask: Ask,
  { crds, objects, release }: Installation,
  kinds: Kinds,
): Promise<readonly KubeObject[]> {
  const looked = await inTurns([...crds, ...objects], async (object) => {
    const live = await find(ask, pathOf(object, kinds));
    if (live === undefined || object.kind === "Namespace") return [];
    if (object.kind === "CustomResourceDefinition") return appliedBy(live, fieldManager) ? [] : [object];
    const helm = helmRelease(live);
    if (helm !== undefined) throw new OwnedElsewhere(object, helm, true);
    const other = ourRelease(live);
    if (other !== undefined && other !== release) throw new OwnedElsewhere(object, other, false);
    return [];
  });
  return looked.flat();
}

/** One kind after the other; objects of one kind some at once. */
async function applyPart(
  ask: Ask,
  part: readonly KubeObject[],
  kinds: Kinds,
  dryRun: boolean,
): Promise<readonly Applied[]> {
  const done: Applied[] = [];
  for (const kind of new Set(part.map((object) => object.kind))) {
    const same = part.filter((object) => object.kind === kind);
    done.push(...(await inTurns(same, (object) => applyObject(ask, object, kinds, dryRun))));
  }
  return done;
}

async function untilReady(
  ask: Ask,
  component: Component,
  part: readonly KubeObject[],
  kinds: Kinds,
  { pause, waits }: InstallOptions,
  show: (progress: Progress) => void,
): Promise<Outcome["unready"]> {
  // Without definitions nothing of their kinds can be applied; everything else is waited for only when asked.
  if (!waits && component !== "definitions of kinds") return [];
  for (;;) {
    const states = await Promise.all(
      part.map(async (object) => ({ object, ...(await readinessOf(ask, object, kinds)) })),
    );
    const unready = states.filter(({ ready }) => !ready);
    const [first] = unready;
    if (first === undefined) return [];
    const text = `${nameOf(first.object)}: ${first.trouble?.text ?? first.text}`;
    show({ component, state: "working", text });
    if (!(await pause())) {
      show({ component, state: "failed", text });
      return unready;
    }
  }
}

function counted(done: readonly Applied[]): string {
  const changes: readonly Change[] = ["created", "changed", "unchanged"];
  return changes
    .map((change) => [done.filter((one) => one.change === change).length, change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`)
    .join(", ");
}

async function prune(
  ask: Ask,
  { release, objects }: Installation,
  kinds: Kinds,
  dryRun: boolean,
): Promise<readonly KubeObject[]> {
  const wanted = new Set(objects.map((object) => pathOf(object, kinds)));
  const all = await labelled(ask, kinds, releaseLabels(release));
  const left = all.filter((object) => !wanted.has(pathOf(object, kinds)));
  for (const object of dryRun ? [] : left) await ask(pathOf(object, kinds), { method: "DELETE" });
  return left;
}
