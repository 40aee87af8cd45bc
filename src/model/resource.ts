import type { Origin } from "./origin.ts";

/** Kind and API group as kubectl writes them: `VirtualService.networking.istio.io`; the core group has none: `Service`. */
export type Type = string;

/** Identity of an object, unique in one snapshot. A cluster-scoped object has namespace `""`. */
export interface Ref {
  readonly type: Type;
  readonly namespace: string;
  readonly name: string;
}

/** One decoded object. Frozen; never mutated. `spec` has been validated against the kind's schema. */
export interface Resource<S = unknown> extends Ref {
  readonly apiVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; decides which of two conflicting objects is the older. Equal for objects of one first load: then namespace and name decide. */
  readonly createdAt: number;
  readonly generation: number;
  readonly spec: S;
  /** As found in the object (Pods, Services of an API server), else undefined. */
  readonly status?: unknown;
  /** ConfigMap and Secret payload, StorageClass provisioner and the like: top-level fields other than spec and status. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
}

/** `VirtualService default/reviews`, or `Namespace default` for a cluster-scoped object. */
export function formatRef(ref: Ref): string {
  const kind = kindOf(ref.type);
  return ref.namespace === "" ? `${kind} ${ref.name}` : `${kind} ${ref.namespace}/${ref.name}`;
}

/** The type of a kind in an API version: `typeOf("networking.istio.io/v1", "Gateway")` is `Gateway.networking.istio.io`. */
export function typeOf(apiVersion: string, kind: string): Type {
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? kind : `${kind}.${apiVersion.slice(0, slash)}`;
}

/** `Gateway` of `Gateway.networking.istio.io`. */
export function kindOf(type: Type): string {
  const dot = type.indexOf(".");
  return dot < 0 ? type : type.slice(0, dot);
}
