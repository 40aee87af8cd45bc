import type { EnvoyConfigObjectMatch, EnvoyConfigObjectPatch } from "../../gen/istio/envoy-filter.ts";
import type { Ref } from "../../model/resource.ts";

export type ApplyTo = Exclude<EnvoyConfigObjectPatch["applyTo"], "INVALID" | undefined>;
export type PatchOperation = Exclude<NonNullable<EnvoyConfigObjectPatch["patch"]>["operation"], "INVALID" | undefined>;
export type FilterClass = NonNullable<NonNullable<EnvoyConfigObjectPatch["patch"]>["filterClass"]>;

/** What kind of traffic a part of a proxy's configuration is for. */
export type PatchContext = "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY";

/** One entry of `configPatches`: a change of what a proxy is given. Plain data. */
export interface Patch {
  /** The object that it is written in, and its place in `spec.configPatches`. */
  readonly ref: Ref;
  readonly index: number;
  /** `resource.origin.at` of that object. */
  readonly origin: string;
  readonly applyTo: ApplyTo;
  readonly operation: PatchOperation;
  readonly context: PatchContext | "ANY" | "WAYPOINT";
  readonly filterClass: FilterClass;
  readonly match: Pick<EnvoyConfigObjectMatch, "listener" | "routeConfiguration" | "cluster">;
  /** In protobuf's JSON form; absent for REMOVE. */
  readonly value?: Readonly<Record<string, unknown>>;
}

/** `default/gzip#0`: a patch's name. */
export function patchName({ ref, index }: Pick<Patch, "ref" | "index">): string {
  return `${ref.namespace}/${ref.name}#${index}`;
}
