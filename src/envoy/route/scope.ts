import { create } from "@bufbuild/protobuf";
import {
  type ScopedRouteConfiguration,
  ScopedRouteConfigurationSchema,
} from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import type { RouteScope } from "../../plan/route/scopes.ts";

/** One scope: a name that requests carry, and the table that it chooses. */
export function scopedRoute({ name, key, routeName }: RouteScope): ScopedRouteConfiguration {
  return create(ScopedRouteConfigurationSchema, {
    name,
    routeConfigurationName: routeName,
    key: { fragments: [{ type: { case: "stringKey", value: key } }] },
  });
}
