import { create } from "@bufbuild/protobuf";
import { GrpcWebSchema } from "../../gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";

/** Turns gRPC-web, which browsers speak, into gRPC; other requests pass as they are. */
export function grpcWeb(): HttpFilter {
  return create(HttpFilterSchema, {
    name: "envoy.filters.http.grpc_web",
    configType: { case: "typedConfig", value: packed(GrpcWebSchema, {}) },
  });
}
