import type { Any } from "@bufbuild/protobuf/wkt";
import { CorsPolicySchema } from "../../gen/envoy/extensions/filters/http/cors/v3/cors_pb.js";
import type { Cors } from "../../plan/route/cors.ts";
import { packed } from "../any.ts";
import { fraction } from "./percent.ts";
import { stringMatcher } from "./text-match.ts";

/** The filter that answers preflights; its place is in every chain of outbound HTTP. */
export const corsFilter = "envoy.filters.http.cors";

/** A route's own configuration of that filter. */
export function corsConfig(cors: Cors): Any {
  return packed(CorsPolicySchema, {
    allowOriginStringMatch: cors.origins.map(stringMatcher),
    allowMethods: cors.methods.join(","),
    allowHeaders: cors.headers.join(","),
    exposeHeaders: cors.expose.join(","),
    maxAge: cors.maxAge === undefined ? "" : String(cors.maxAge),
    ...(cors.credentials === undefined ? {} : { allowCredentials: cors.credentials }),
    filterEnabled: { defaultValue: fraction(100) },
    forwardNotMatchingPreflights: cors.forwardUnmatched,
  });
}
