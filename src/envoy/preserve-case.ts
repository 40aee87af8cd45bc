import { create } from "@bufbuild/protobuf";
import { Http1ProtocolOptions_HeaderKeyFormatSchema } from "../gen/envoy/config/core/v3/protocol_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import { packed } from "./any.ts";

/** Names of HTTP/1.1 headers go on as they were written; both ends of a proxy must say so. */
export const preservesCase = create(Http1ProtocolOptions_HeaderKeyFormatSchema, {
  headerFormat: {
    case: "statefulFormatter",
    value: {
      name: "preserve_case",
      typedConfig: packed(PreserveCaseFormatterConfigSchema, { forwardReasonPhrase: true }),
    },
  },
});
