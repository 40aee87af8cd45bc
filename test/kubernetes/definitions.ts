import { crdOf } from "../../src/gen/crds.ts";
import { kindOf, type Type } from "../../src/model/resource.ts";
import type { Written } from "./objects.ts";

/** Definitions (CRDs) of kinds that the mesh reads, as objects for kubectl: any fields, in all versions that are known or in those given. */
export function definitions(types: readonly Type[], versions?: readonly string[]): readonly Written[] {
  return types.map((type) => {
    const crd = crdOf(type);
    if (crd === undefined) throw new Error(`${type} has no definition`);
    const kind = kindOf(type);
    const group = type.slice(kind.length + 1);
    const served = versions ?? Object.keys(crd.versions);
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: {
        name: `${crd.plural}.${group}`,
        // An API server keeps names of this group for those who say so.
        annotations: { "api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/gateway-api" },
      },
      spec: {
        group,
        scope: crd.scope,
        names: { kind, listKind: `${kind}List`, plural: crd.plural, singular: kind.toLowerCase() },
        versions: served.map((name, i) => ({
          name,
          served: true,
          storage: i === 0,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        })),
      },
    };
  });
}
