import { types } from "../model/types.ts";
import { closest } from "../std/closest.ts";
import { listAll, type Scope, type Step } from "../track/scope.ts";

/** Namespaces that are there. A folder need not declare its namespaces: what has workloads or services is there. Key: none. */
export const knownNamespaces: Step<readonly string[]> = {
  name: "analysis/knownNamespaces",
  run: (scope) => {
    const declared = listAll(scope, types.Namespace).map(({ name }) => name);
    const used = [types.Pod, types.Deployment, types.Service].flatMap((type) => scope.namespaces(type));
    return [...new Set([...declared, ...used])].sort();
  },
};

/** How to mend a namespace that is not there. */
export function namespaceFix(scope: Scope, said: string): string {
  const meant = closest(said, scope.ask(knownNamespaces, ""));
  return meant === undefined ? "check the name, or add the namespace" : `did you mean "${meant}"?`;
}
