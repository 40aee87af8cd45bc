import { create } from "@bufbuild/protobuf";
import {
  type WeightedCluster_ClusterWeight,
  WeightedCluster_ClusterWeightSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { WeightedDestination } from "../../plan/route/destination.ts";
import { clusterOf, responseConfig } from "./fallback.ts";
import { headerFields, withoutPeer } from "./headers.ts";

/** One of several destinations. */
export function clusterWeight(destination: WeightedDestination): WeightedCluster_ClusterWeight {
  const { weight, headers, external, fallback } = destination;
  return create(WeightedCluster_ClusterWeightSchema, {
    name: clusterOf(destination),
    typedPerFilterConfig: responseConfig(fallback),
    weight,
    ...withoutPeer(headerFields(headers), external === true),
    ...(headers?.authority ? { hostRewriteSpecifier: { case: "hostRewriteLiteral", value: headers.authority } } : {}),
  });
}
