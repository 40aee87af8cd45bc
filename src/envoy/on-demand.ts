import { create } from "@bufbuild/protobuf";
import { ApiVersion, type ConfigSource, ConfigSourceSchema } from "../gen/envoy/config/core/v3/config_source_pb.js";
import { OnDemandSchema } from "../gen/envoy/extensions/filters/http/on_demand/v3/on_demand_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  type TcpProxy_OnDemand,
  TcpProxy_OnDemandSchema,
} from "../gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { duration, packed } from "./any.ts";

/** How long a request waits for a cluster that the control plane does not answer for. It says at once when there is none. */
const patienceMs = 2000;

/** Asks for the route table of a scope that has none yet; a request waits for it. */
export function routesOnDemand(): HttpFilter {
  return filter("weft.routes_on_demand", packed(OnDemandSchema, {}));
}

/** Asks for the route's cluster where it is not there yet (and for its table, as above). */
export function clustersOnDemand(): HttpFilter {
  const odcds = { source: ads(), timeout: duration(patienceMs) };
  return filter("weft.clusters_on_demand", packed(OnDemandSchema, { odcds }));
}

/** The same for connections. */
export function clusterOfConnectionOnDemand(): TcpProxy_OnDemand {
  return create(TcpProxy_OnDemandSchema, { odcdsConfig: ads(), timeout: duration(patienceMs) });
}

function filter(name: string, typedConfig: ReturnType<typeof packed>): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value: typedConfig } });
}

function ads(): ConfigSource {
  return create(ConfigSourceSchema, {
    resourceApiVersion: ApiVersion.V3,
    configSourceSpecifier: { case: "ads", value: {} },
  });
}
