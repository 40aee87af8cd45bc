import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  Config_KeyValuePairSchema,
  Config_RuleSchema,
  ConfigSchema,
} from "../../gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";

/**
 * The filter that notes who was called where no service is, and its dynamic metadata: `host`, the request's Host without a port, and `service_name`,
 * Istio's word for where it went.
 */
export const outsideFilter = "weft.outside";

/** Idle until a route is one to strangers. After the second look for a route, which alone finds them: a filter of the route's own chain is chosen before. */
export function noteOutside(): HttpFilter {
  const value = packed(ConfigSchema, {});
  return create(HttpFilterSchema, { name: outsideFilter, configType: { case: "typedConfig", value } });
}

/** A route's own configuration of it. `outside`: `PassthroughCluster`. */
export function outsideConfig(outside: string): Any {
  const note = (key: string, value: MessageInitShape<typeof Config_KeyValuePairSchema>) =>
    create(Config_RuleSchema, {
      header: ":authority",
      onHeaderPresent: create(Config_KeyValuePairSchema, { metadataNamespace: outsideFilter, key, ...value }),
    });
  const withoutPort = { pattern: { regex: ":[0-9]*$" }, substitution: "" };
  return packed(ConfigSchema, {
    requestRules: [note("host", { regexValueRewrite: withoutPort }), note("service_name", { value: outside })],
  });
}
