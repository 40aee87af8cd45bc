import { type Ask, find } from "./apply.ts";
import { inTurns } from "./in-turns.ts";
import type { Installation } from "./installation.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import { type KubeObject, nameOf } from "./object.ts";
import { helmRelease, labelled } from "./owned.ts";

/** A release of Helm's that is to be taken over has objects that the installation's values do not make: they would be nobody's. */
export class LeftBehind extends Error {
  readonly release: string;
  readonly namespace: string;
  constructor(release: string, namespace: string, objects: readonly KubeObject[]) {
    super(
      `Helm's release ${release} has what these values do not make: ${objects.map((one) => nameOf(one)).join(", ")}`,
    );
    this.release = release;
    this.namespace = namespace;
  }
}

/** Sees to it that each release of Helm's is taken over whole, or not at all. Throws KubernetesError, LeftBehind. */
export async function takesAll(ask: Ask, { objects }: Installation, kinds: Kinds): Promise<void> {
  const live = await inTurns(objects, (one) => find(ask, pathOf(one, kinds)));
  const taken = new Set(live.flatMap((one) => (one && helmRelease(one)) ?? []));
  if (taken.size === 0) return;
  const wanted = new Set(objects.map((one) => pathOf(one, kinds)));
  const all = await labelled(ask, kinds, "app.kubernetes.io/part-of=weft");
  const left = all.filter((one) => taken.has(helmRelease(one) ?? "") && !wanted.has(pathOf(one, kinds)));
  const [first] = left;
  if (first === undefined) return;
  const release = helmRelease(first) as string;
  const namespace = first.metadata.annotations?.["meta.helm.sh/release-namespace"] ?? "istio-system";
  throw new LeftBehind(
    release,
    namespace,
    left.filter((one) => helmRelease(one) === release),
  );
}
