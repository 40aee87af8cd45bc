import { create } from "@bufbuild/protobuf";
import {
  type Cluster,
  ClusterSchema,
  Cluster_DiscoveryType as DiscoveryType,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import type { UdpPort } from "../../plan/gateway-api/udp-routes.ts";
import { duration } from "../any.ts";

/** Who a gateway's UDP port sends to: groups of endpoints that share the sessions by their weights. */
export function udpCluster({ cluster }: UdpPort): Cluster {
  return create(ClusterSchema, {
    name: cluster,
    clusterDiscoveryType: { case: "type", value: DiscoveryType.EDS },
    edsClusterConfig: {
      edsConfig: {
        configSourceSpecifier: { case: "ads", value: {} },
        initialFetchTimeout: duration(0),
        resourceApiVersion: ApiVersion.V3,
      },
    },
    commonLbConfig: { localityConfigSpecifier: { case: "localityWeightedLbConfig", value: {} } },
  });
}
