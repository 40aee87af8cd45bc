import { create } from "@bufbuild/protobuf";
import {
  type HeaderValueOption,
  HeaderValueOption_HeaderAppendAction,
  HeaderValueOptionSchema,
} from "../../gen/envoy/config/core/v3/base_pb.js";
import type { Changes, HeaderChanges } from "../../plan/route/headers.ts";
import { peerHeader } from "../telemetry/peer.ts";

/** The four fields of routes and weighted clusters. Later changes come after earlier ones. */
export function headerFields(...changes: readonly (HeaderChanges | undefined)[]) {
  const all = changes.filter((c) => c !== undefined);
  return {
    requestHeadersToAdd: all.flatMap((c) => toAdd(c.request)),
    requestHeadersToRemove: all.flatMap((c) => c.request.remove),
    responseHeadersToAdd: all.flatMap((c) => toAdd(c.response)),
    responseHeadersToRemove: all.flatMap((c) => c.response.remove),
  };
}

/** The same for a destination outside of the mesh: it does not learn which workload called. */
export function withoutPeer<F extends ReturnType<typeof headerFields>>(fields: F, external: boolean): F {
  return external ? { ...fields, requestHeadersToRemove: [...fields.requestHeadersToRemove, peerHeader] } : fields;
}

function toAdd({ set, add }: Changes): HeaderValueOption[] {
  const { OVERWRITE_IF_EXISTS_OR_ADD, APPEND_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  return [
    ...set.map(([key, value]) => option(key, value, OVERWRITE_IF_EXISTS_OR_ADD)),
    ...add.map(([key, value]) => option(key, value, APPEND_IF_EXISTS_OR_ADD)),
  ];
}

/** One header to set or add. */
export function option(
  key: string,
  value: string,
  appendAction: HeaderValueOption_HeaderAppendAction,
): HeaderValueOption {
  return create(HeaderValueOptionSchema, { header: { key, value }, appendAction });
}
