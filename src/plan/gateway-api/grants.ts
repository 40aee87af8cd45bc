import type { ReferenceGrantSpec } from "../../gen/gateway-api/reference-grant.ts";
import type { Ref, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";

/** One pair that a ReferenceGrant allows. */
interface Grant {
  readonly from: Type;
  readonly namespace: string;
  readonly to: Type;
  /** Absent: all of that type in the grant's namespace. */
  readonly name?: string;
}

/** What the ReferenceGrants of a namespace allow others to refer to in it. Key: namespace. */
const grantsOf: Step<readonly Grant[]> = {
  name: "plan/referenceGrants",
  run: (scope, namespace) =>
    scope.list<ReferenceGrantSpec>(types.ReferenceGrant, namespace).flatMap(({ spec }) =>
      (spec.from ?? []).flatMap((from) =>
        (spec.to ?? []).map((to) => ({
          from: typeIn(from.group, from.kind),
          namespace: from.namespace,
          to: typeIn(to.group, to.kind),
          ...(to.name ? { name: to.name } : {}),
        })),
      ),
    ),
};

/**
 * Whether an object may refer to another: one of its own namespace, or one that a ReferenceGrant there allows.
 * Source: gateway-api.sigs.k8s.io/api-types/referencegrant
 */
export function mayRefer(scope: Scope, from: Pick<Ref, "type" | "namespace">, to: Ref): boolean {
  if (from.namespace === to.namespace) return true;
  return scope
    .ask(grantsOf, to.namespace)
    .some(
      (grant) =>
        grant.from === from.type &&
        grant.namespace === from.namespace &&
        grant.to === to.type &&
        (grant.name === undefined || grant.name === to.name),
    );
}

/** The type of a kind in a group as references write them; the core group is `""`. */
export function typeIn(group: string, kind: string): Type {
  return group === "" ? kind : `${kind}.${group}`;
}
