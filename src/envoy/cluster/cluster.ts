import { create, type JsonObject } from "@bufbuild/protobuf";
import {
  type Cluster,
  Cluster_EdsClusterConfigSchema,
  ClusterSchema,
  Cluster_DiscoveryType as DiscoveryType,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import type { ClusterPlan } from "../../plan/cluster/cluster.ts";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";
import type { SecretsFrom } from "../tls/secret-source.ts";
import { circuitBreakers, upstreamConnectionOptions } from "./connection-pool.ts";
import { dnsDiscovery } from "./dns.ts";
import { loadAssignment } from "./endpoints.ts";
import { forwardProxy } from "./forward-proxy.ts";
import { protocolOptions } from "./http-protocol.ts";
import { balancing } from "./load-balancer.ts";
import { outlierDetection } from "./outlier-detection.ts";
import { transportSockets } from "./tls.ts";

type ClusterInit = Init<typeof ClusterSchema>;

/** Envoy's cluster for a plan. */
export function cluster(plan: ClusterPlan, secretsFrom: SecretsFrom): Cluster {
  const init: ClusterInit = {
    name: plan.name,
    connectTimeout: duration(plan.pool.connectTimeoutMs),
    ...discovery(plan),
    ...balancing(plan),
    ...transportSockets(plan, secretsFrom),
    circuitBreakers: circuitBreakers(plan.pool),
    typedExtensionProtocolOptions: protocolOptions(plan),
    metadata: { filterMetadata: { istio: serviceMetadata(plan) } },
    ...(plan.bufferBytes === undefined ? {} : { perConnectionBufferLimitBytes: plan.bufferBytes }),
    ...(plan.statName === undefined ? {} : { altStatName: plan.statName }),
    ...(plan.outlier === undefined ? {} : { outlierDetection: outlierDetection(plan.outlier) }),
    ...upstreamConnectionOptions(plan.pool),
  };
  return create(ClusterSchema, init);
}

/** What telemetry calls the service: `%CLUSTER_METADATA(istio:host)%`. */
export function serviceMetadata(plan: Pick<ClusterPlan, "service" | "port" | "subset">): JsonObject {
  const { host, name, namespace, external } = plan.service;
  return {
    host,
    service_name: name,
    service_namespace: namespace,
    external,
    default_original_port: plan.port,
    ...(plan.subset === "" ? {} : { subset: plan.subset }),
    services: [{ host, name, namespace }],
  };
}

function discovery(plan: ClusterPlan): ClusterInit {
  const found = plan.discovery;
  if (found.kind === "forward-proxy") return forwardProxy;
  const type = (value: DiscoveryType) => ({ clusterDiscoveryType: { case: "type" as const, value } });
  if (found.kind === "original-dst") return type(DiscoveryType.ORIGINAL_DST);
  if (found.kind === "eds") return { ...type(DiscoveryType.EDS), edsClusterConfig };
  return {
    ...dnsDiscovery(found.kind === "strict-dns", found.refreshMs),
    loadAssignment: loadAssignment({ ...plan, cluster: plan.name, localities: found.localities }),
  };
}

// Shared by all clusters. Without a limit in time: a cluster without endpoints is no better than one that waits for them.
const edsClusterConfig = create(Cluster_EdsClusterConfigSchema, {
  edsConfig: {
    configSourceSpecifier: { case: "ads", value: {} },
    initialFetchTimeout: duration(0),
    resourceApiVersion: ApiVersion.V3,
  },
});
