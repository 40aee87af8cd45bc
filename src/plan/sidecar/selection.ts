import type { SidecarSpec } from "../../gen/istio/sidecar.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

/** What decides which Sidecar holds for a workload; not what it says, so that an edit of its hosts stops here. */
interface Candidate {
  readonly name: string;
  /** Absent: for all workloads of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Sidecars of a namespace: those with a selector first, then the oldest. Key: namespace. */
const candidates: Step<readonly Candidate[]> = {
  name: "plan/sidecarCandidates",
  run: (scope, namespace) =>
    scope
      .list<SidecarSpec>(types.Sidecar, namespace)
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1))
      .map(({ name, spec }) => {
        const labels = spec.workloadSelector?.labels ?? {};
        return Object.keys(labels).length === 0 ? { name } : { name, labels };
      })
      .sort((a, b) => Number(a.labels === undefined) - Number(b.labels === undefined)),
};

/**
 * `namespace/name` of the Sidecar that holds for a workload, or undefined: of its namespace the oldest whose selector covers it, else the
 * oldest without one, else the oldest without one of the root namespace. Source: istio.io/latest/docs/reference/config/networking/sidecar
 */
export function sidecarOf(
  scope: Scope,
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): string | undefined {
  const { namespace, labels } = workload;
  const own = scope
    .ask(candidates, namespace)
    .find((c) => Object.entries(c.labels ?? {}).every(([key, value]) => labels[key] === value));
  if (own !== undefined) return `${namespace}/${own.name}`;
  const { rootNamespace } = scope.ask(mesh, "");
  const root = scope.ask(candidates, rootNamespace).find((c) => c.labels === undefined);
  return root === undefined ? undefined : `${rootNamespace}/${root.name}`;
}
