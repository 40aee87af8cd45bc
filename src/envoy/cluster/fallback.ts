import { create } from "@bufbuild/protobuf";
import { type Cluster, Cluster_LbPolicy, ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterConfigSchema } from "../../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.js";
import type { FallbackCluster } from "../../plan/cluster/fallback-cluster.ts";
import { duration, packed } from "../any.ts";
import { serviceMetadata } from "./cluster.ts";
import { circuitBreakers } from "./connection-pool.ts";

/** Several clusters in order; each keeps its own endpoints, TLS and limits. */
export function fallbackCluster({ name, clusters, first }: FallbackCluster): Cluster {
  return create(ClusterSchema, {
    name,
    connectTimeout: duration(first.pool.connectTimeoutMs),
    circuitBreakers: circuitBreakers(first.pool),
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    clusterDiscoveryType: {
      case: "clusterType",
      value: {
        name: "envoy.clusters.aggregate",
        typedConfig: packed(ClusterConfigSchema, { clusters: [...clusters] }),
      },
    },
    metadata: { filterMetadata: { istio: serviceMetadata(first) } },
  });
}
