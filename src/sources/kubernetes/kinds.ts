import type { ApiResource } from "../../kubernetes/object.ts";
import { kindOf, type Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";

/** A collection whose objects are read. */
export interface ReadKind {
  readonly type: Type;
  readonly resource: ApiResource;
  readonly namespaced: boolean;
}

const core = (type: Type, plural: string, namespaced = true): ReadKind => ({
  type,
  resource: { group: groupOf(type), version: "v1", plural },
  namespaced,
});

/** Namespaces: read before all others, as they say which of those are kept. */
export const namespaces: ReadKind = core(types.Namespace, "namespaces", false);

/** Kubernetes' own kinds that plans and analysis read, which every API server serves. */
export const coreKinds: readonly ReadKind[] = [
  core(types.Service, "services"),
  core(types.EndpointSlice, "endpointslices"),
  core(types.Pod, "pods"),
  core(types.Node, "nodes", false),
  core(types.Deployment, "deployments"),
  core(types.Ingress, "ingresses"),
  core(types.IngressClass, "ingressclasses", false),
];

/** Read one by one, where another object names them. */
export const secrets: ApiResource = { group: "", version: "v1", plural: "secrets" };
export const configMaps: ApiResource = { group: "", version: "v1", plural: "configmaps" };

/** Kinds that an API server serves once their definitions are installed. */
export const customTypes: readonly Type[] = Object.values(types).filter(isCustom);

/** API groups of those. */
export const customGroups: readonly string[] = [...new Set(customTypes.map(groupOf))];

function isCustom(type: Type): boolean {
  return /\.(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(type);
}

/** `networking.istio.io` of `VirtualService.networking.istio.io`; the core group is `""`. */
export function groupOf(type: Type): string {
  return type.slice(kindOf(type).length + 1);
}

/** `networking.istio.io/v1`, `v1`. */
export function apiVersionOf({ group, version }: ApiResource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Versions from the best to the worst, as Kubernetes orders them: v2, v1, v1beta1, v1alpha3, v1alpha1. */
export function byPriority(a: string, b: string): number {
  const [x, y] = [rank(a), rank(b)];
  for (const [i, n] of x.entries()) if (n !== y[i]) return (y[i] ?? 0) - n;
  return 0;
}

function rank(version: string): readonly number[] {
  const [, major = "0", stage, minor = "0"] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  return [stage === undefined ? 2 : stage === "beta" ? 1 : 0, Number(major), Number(minor)];
}
