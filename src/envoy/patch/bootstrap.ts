import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { envoyTypes } from "../../gen/envoy-types.ts";
import type { Patch } from "../../plan/patch/patch.ts";
import { merge } from "./merge.ts";
import { mergingOf, readyPatches } from "./patch.ts";

/** Envoy's bootstrap after patches, both in protobuf's JSON form. */
export function patchBootstrap(bootstrap: JsonObject, patches: readonly Patch[]): JsonObject {
  const options = { registry: envoyTypes() };
  const made = fromJson(BootstrapSchema, bootstrap as JsonValue, options);
  for (const { patch, value } of readyPatches(patches)) {
    const how = mergingOf(patch);
    if (how !== undefined && value !== undefined) merge(BootstrapSchema, made, value, how);
  }
  return toJson(BootstrapSchema, made, { ...options, useProtoFieldName: true }) as JsonObject;
}
