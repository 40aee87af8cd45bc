import {
  type Cluster_SlowStartConfigSchema,
  type ClusterSchema,
  Cluster_LbPolicy as LbPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import type { RouteAction_HashPolicySchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { ClusterPlan } from "../../plan/cluster/cluster.ts";
import type { HashPlan, LoadBalancerPlan, WarmupPlan } from "../../plan/cluster/load-balancer.ts";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";

type ClusterInit = Init<typeof ClusterSchema>;

/** Envoy's ring has at least so many entries. */
const defaultRingSize = 1024;

/** Load balancer and panic threshold of a cluster. */
export function balancing(plan: ClusterPlan): ClusterInit {
  if (plan.discovery.kind === "forward-proxy") return {};
  return {
    ...policy(plan.loadBalancer),
    commonLbConfig: {
      // Endpoints that are not ready are known where failover counts them: they get nothing, however few are left.
      ...(plan.outlier === undefined && plan.locality?.failover === undefined
        ? {}
        : { healthyPanicThreshold: { value: plan.outlier?.minHealthPercent ?? 0 } }),
      ...(plan.locality?.weighted
        ? { localityConfigSpecifier: { case: "localityWeightedLbConfig" as const, value: {} } }
        : {}),
    },
  };
}

function policy(plan: LoadBalancerPlan): ClusterInit {
  switch (plan.kind) {
    case "least-request": {
      if (plan.warmup === undefined) return { lbPolicy: LbPolicy.LEAST_REQUEST };
      const value = { slowStartConfig: slowStart(plan.warmup) };
      return { lbPolicy: LbPolicy.LEAST_REQUEST, lbConfig: { case: "leastRequestLbConfig", value } };
    }
    case "round-robin": {
      if (plan.warmup === undefined) return { lbPolicy: LbPolicy.ROUND_ROBIN };
      const value = { slowStartConfig: slowStart(plan.warmup) };
      return { lbPolicy: LbPolicy.ROUND_ROBIN, lbConfig: { case: "roundRobinLbConfig", value } };
    }
    case "random":
      return { lbPolicy: LbPolicy.RANDOM };
    case "passthrough":
      return { lbPolicy: LbPolicy.CLUSTER_PROVIDED };
    case "ring-hash": {
      const value = { minimumRingSize: BigInt(plan.size ?? defaultRingSize) };
      return { lbPolicy: LbPolicy.RING_HASH, lbConfig: { case: "ringHashLbConfig", value } };
    }
    case "maglev": {
      if (plan.size === undefined) return { lbPolicy: LbPolicy.MAGLEV };
      return {
        lbPolicy: LbPolicy.MAGLEV,
        lbConfig: { case: "maglevLbConfig", value: { tableSize: BigInt(plan.size) } },
      };
    }
  }
}

function slowStart(warmup: WarmupPlan): Init<typeof Cluster_SlowStartConfigSchema> {
  return {
    slowStartWindow: duration(warmup.durationMs),
    ...(warmup.aggression === undefined
      ? {}
      : { aggression: { defaultValue: warmup.aggression, runtimeKey: "weft.slow_start_aggression" } }),
    ...(warmup.minimumPercent === undefined ? {} : { minWeightPercent: { value: warmup.minimumPercent } }),
  };
}

/** What a request is hashed by. It stands in the cluster, so that no route changes when a rule does. */
export function hashPolicy(hash: HashPlan): Init<typeof RouteAction_HashPolicySchema> {
  switch (hash.by) {
    case "header":
      return { policySpecifier: { case: "header", value: { headerName: hash.name } } };
    case "query":
      return { policySpecifier: { case: "queryParameter", value: { name: hash.name } } };
    case "source-ip":
      return { policySpecifier: { case: "connectionProperties", value: { sourceIp: true } } };
    case "cookie":
      return {
        policySpecifier: {
          case: "cookie",
          value: {
            name: hash.name,
            ...(hash.path === undefined ? {} : { path: hash.path }),
            ...(hash.ttlMs === undefined ? {} : { ttl: duration(hash.ttlMs) }),
            attributes: hash.attributes.map(({ name, value }) => ({ name, value })),
          },
        },
      };
  }
}
