import { create } from "@bufbuild/protobuf";
import { HeaderMutationSchema as FilterConfigSchema } from "../../gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { UpstreamCodecSchema } from "../../gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";
import { asVouched, removed } from "../listener/forged.ts";
import { peerHeader } from "../telemetry/peer.ts";

/**
 * Takes off requests what the server's proxy would take off, did it read them: what is meant for that proxy, and what only a proxy beside the
 * application may say to it. Nobody there could say who calls, so nobody does.
 */
export const unreadFilters: readonly HttpFilter[] = [
  create(HttpFilterSchema, {
    name: "weft.unread",
    configType: {
      case: "typedConfig",
      value: packed(FilterConfigSchema, {
        mutations: { requestMutations: [removed(peerHeader), removed("x-forwarded-client-cert"), ...asVouched] },
      }),
    },
  }),
  create(HttpFilterSchema, {
    name: "envoy.filters.http.upstream_codec",
    configType: { case: "typedConfig", value: packed(UpstreamCodecSchema, {}) },
  }),
];
