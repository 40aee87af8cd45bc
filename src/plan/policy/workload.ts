import type { Resource, Type } from "../../model/resource.ts";
import type { Scope } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

/** A workload or gateway, as far as policies choose it. JSON of it is the key of the steps of this room. */
export interface PolicyKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A policy that chooses workloads by label, or all of its namespace (in the root namespace: of the mesh). */
interface Selecting {
  readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
}

/** Policies of a kind that cover a workload: of its own namespace before the mesh's, with a selector before those without; of these the oldest first. */
export function covering<S extends Selecting>(
  scope: Scope,
  type: Type,
  { namespace, labels }: PolicyKey,
): readonly Resource<S>[] {
  const { rootNamespace } = scope.ask(mesh, "");
  return [...new Set([namespace, rootNamespace])].flatMap((ns) => {
    const covers = ({ spec }: Resource<S>) =>
      Object.entries(spec.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    const found = scope
      .list<S>(type, ns)
      .filter(covers)
      .sort((a, b) => a.createdAt - b.createdAt);
    const selects = ({ spec }: Resource<S>) => spec.selector !== undefined;
    return [...found.filter(selects), ...found.filter((policy) => !selects(policy))];
  });
}
