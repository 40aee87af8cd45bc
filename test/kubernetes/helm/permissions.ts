import type { KubeObject } from "../../../src/install/object.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

/** Each right that rendered objects give, in a line: `istio-system/weft everywhere: get services`. Sorted. */
export function permissions(objects: readonly KubeObject[]): readonly string[] {
  const bindings = objects.filter(({ kind }) => kind.endsWith("RoleBinding"));
  const lines = bindings.flatMap((binding) => {
    const { roleRef, subjects } = binding as unknown as Binding;
    const { namespace } = binding.metadata;
    const role = objects.find(
      ({ kind, metadata }) =>
        kind === roleRef.kind &&
        metadata.name === roleRef.name &&
        (kind === "ClusterRole" || metadata.namespace === namespace),
    );
    if (role === undefined) throw new Error(`${binding.metadata.name} binds a role that is not there`);
    const where = namespace === undefined ? "everywhere" : `in ${namespace}`;
    return subjects.flatMap((subject) =>
      rights(role["rules"] as readonly Rule[]).map(
        (right) => `${subject.namespace}/${subject.name} ${where}: ${right}`,
      ),
    );
  });
  return [...new Set(lines)].sort();
}

function rights(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames = [""], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) =>
          verbs.map((verb) => `${verb} ${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${name}`}`),
        ),
      ),
    ),
  );
}
