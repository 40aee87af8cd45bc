import { clone, create } from "@bufbuild/protobuf";
import {
  type Cluster,
  ClusterSchema,
  Cluster_DiscoveryType as DiscoveryType,
  Cluster_LbPolicy as LbPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { HttpProtocolOptionsSchema } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import * as names from "../../plan/cluster-name.ts";
import { duration, packed } from "../any.ts";
import { circuitBreakers } from "./connection-pool.ts";
import { forwardProxy } from "./forward-proxy.ts";

/** What telemetry calls a place outside of every service. It has no `host`: destination_service is what the client called, as in Istio. */
function metadata(name: string) {
  return { filterMetadata: { istio: { service_name: name, service_namespace: "unknown" } } };
}

/** To the address that was called, in the client's own protocol. Source: Istio's PassthroughCluster. */
export function passthrough(connectTimeoutMs = 10_000): Cluster {
  return create(ClusterSchema, {
    name: names.passthroughCluster,
    clusterDiscoveryType: { case: "type", value: DiscoveryType.ORIGINAL_DST },
    lbPolicy: LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: duration(connectTimeoutMs),
    circuitBreakers: circuitBreakers({ connectTimeoutMs }),
    metadata: metadata(names.passthroughCluster),
    typedExtensionProtocolOptions: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": packed(HttpProtocolOptionsSchema, {
        upstreamProtocolOptions: {
          case: "useDownstreamProtocolConfig",
          value: { httpProtocolOptions: { enableTrailers: true }, http2ProtocolOptions: { allowConnect: true } },
        },
      }),
    },
  });
}

/** To the name that was called, which the proxy resolves: where no address was called, or its own answer shall count. */
export function passthroughByName(name: string = names.passthroughCluster): Cluster {
  const made = clone(ClusterSchema, passthrough());
  made.name = name;
  made.metadata = create(ClusterSchema, { metadata: metadata(name) }).metadata;
  made.clusterDiscoveryType = create(ClusterSchema, forwardProxy).clusterDiscoveryType;
  return made;
}

/** Has no endpoint and never will. */
export function blackHole(): Cluster {
  return create(ClusterSchema, {
    name: names.blackHoleCluster,
    clusterDiscoveryType: { case: "type", value: DiscoveryType.STATIC },
    metadata: metadata(names.blackHoleCluster),
  });
}
