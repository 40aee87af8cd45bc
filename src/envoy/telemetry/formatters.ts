import { create } from "@bufbuild/protobuf";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { ReqWithoutQuerySchema } from "../../gen/envoy/extensions/formatter/req_without_query/v3/req_without_query_pb.js";
import { packed } from "../any.ts";

/** The one command of a format that Envoy knows only where its extension is named. */
export function formatters(format: unknown): TypedExtensionConfig[] {
  if (!JSON.stringify(format).includes("%REQ_WITHOUT_QUERY")) return [];
  const typedConfig = packed(ReqWithoutQuerySchema, {});
  return [create(TypedExtensionConfigSchema, { name: "envoy.formatter.req_without_query", typedConfig })];
}
