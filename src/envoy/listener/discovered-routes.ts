import { create } from "@bufbuild/protobuf";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import type { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { RdsSchema } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { duration } from "../any.ts";

/** One route configuration, told by the control plane. */
export function discoveredRoutes(name: string): HttpConnectionManager["routeSpecifier"] {
  return {
    case: "rds",
    value: create(RdsSchema, {
      routeConfigName: name,
      configSource: {
        configSourceSpecifier: { case: "ads", value: {} },
        resourceApiVersion: ApiVersion.V3,
        initialFetchTimeout: duration(0),
      },
    }),
  };
}
