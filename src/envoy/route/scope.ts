import { create } from "@bufbuild/protobuf";
import {
  type ScopedRouteConfiguration,
  ScopedRouteConfigurationSchema,
} from "../../gen/envoy/config/route/v3/scoped_route_pb.js";
import type { RouteScope } from "../../plan/route/scopes.ts";

/** One scope: a name that requests carry, and the table that it chooses. With `onDemand` the table is asked for by the first request. */
export function scopedRoute({ name, key, routeName }: RouteScope, onDemand = false): ScopedRouteConfiguration {
  return create(ScopedRouteConfigurationSchema, {
    name,
    routeConfigurationName: routeName,
    onDemand,
    key: { fragments: [{ type: { case: "stringKey", value: key } }] },
  });
}
