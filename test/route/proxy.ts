import { create, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { packed } from "../../src/envoy/any.ts";
import { scopedRoute } from "../../src/envoy/route/scope.ts";
import { scopedRoutes } from "../../src/envoy/route/scoped-routes.ts";
import { routeConfiguration } from "../../src/envoy/route/table.ts";
import { ScopedRouteConfigurationSchema } from "../../src/gen/envoy/config/route/v3/scoped_route_pb.js";
import { CorsSchema } from "../../src/gen/envoy/extensions/filters/http/cors/v3/cors_pb.js";
import { HTTPFaultSchema } from "../../src/gen/envoy/extensions/filters/http/fault/v3/fault_pb.js";
import { RouterSchema } from "../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { routeScopes } from "../../src/plan/route/scopes.ts";
import { type View, viewKey } from "../../src/plan/view.ts";
import type { Tracker } from "../../src/track/tracker.ts";
import { json, tablesOf } from "./mesh.ts";

/** A sidecar's outbound HTTP as Envoy's static resources: one listener for each port, the tables inline in their scopes. */
export function sidecar(
  tracker: Tracker,
  view: View,
  ports: readonly number[],
  clusters: Readonly<Record<string, readonly number[]>>,
): JsonObject {
  const tables = new Map(tablesOf(tracker, view).map((table) => [table.name, routeConfiguration(table)]));
  const scopes = tracker.ask(routeScopes, viewKey(view)).map((scope) => {
    const routeConfiguration = tables.get(scope.routeName);
    if (routeConfiguration === undefined) throw new Error(`scope ${scope.key} names no table`);
    return create(ScopedRouteConfigurationSchema, {
      name: scope.name,
      key: scopedRoute(scope).key,
      routeConfiguration,
    });
  });
  const filter = (name: string, typedConfig: ReturnType<typeof packed>) =>
    create(HttpFilterSchema, {
      name: `envoy.filters.http.${name}`,
      configType: { case: "typedConfig", value: typedConfig },
    });
  const manager = (port: number) => {
    const { earlyHeaderMutations, filters, scopedRoutes: scoped } = scopedRoutes(port);
    return create(HttpConnectionManagerSchema, {
      statPrefix: "test",
      earlyHeaderMutationExtensions: [...earlyHeaderMutations],
      routeSpecifier: {
        case: "scopedRoutes",
        value: {
          name: scoped.name,
          scopeKeyBuilder: scoped.scopeKeyBuilder,
          configSpecifier: { case: "scopedRouteConfigurationsList", value: { scopedRouteConfigurations: scopes } },
        },
      },
      httpFilters: [
        ...filters,
        filter("cors", packed(CorsSchema, {})),
        filter("fault", packed(HTTPFaultSchema, {})),
        filter("router", packed(RouterSchema, {})),
      ],
    });
  };
  return {
    listeners: ports.map((port) => listener(String(port), json(HttpConnectionManagerSchema, manager(port)))),
    clusters: Object.entries(clusters).map(([name, endpoints]) => cluster(name, endpoints)),
  };
}

function listener(name: string, manager: JsonObject): JsonValue {
  const typedConfig = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    ...manager,
  };
  return {
    name,
    address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
    filterChains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typedConfig }] }],
  };
}

function cluster(name: string, ports: readonly number[]): JsonValue {
  return {
    name,
    type: "STATIC",
    lbPolicy: name.includes("hashed") ? "RING_HASH" : "ROUND_ROBIN",
    loadAssignment: {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: ports.map((portValue) => ({
            endpoint: { address: { socketAddress: { address: "127.0.0.1", portValue } } },
          })),
        },
      ],
    },
  };
}
