import { create, type JsonObject } from "@bufbuild/protobuf";
import type { AddressSchema } from "../../gen/envoy/config/core/v3/address_pb.js";
import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check_pb.js";
import type { LbEndpointSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.js";
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import type { EndpointsPlan } from "../../plan/cluster/endpoints.ts";
import type { Endpoint } from "../../plan/endpoint.ts";
import type { Init } from "../init.ts";

/** In percent: with one healthy endpoint in a hundred a cluster still keeps all its traffic. */
const wholeAtOnePercent = 10_000;

/** Envoy's endpoints for a plan. */
export function loadAssignment(plan: EndpointsPlan): ClusterLoadAssignment {
  return create(ClusterLoadAssignmentSchema, {
    clusterName: plan.cluster,
    ...(plan.undivided && plan.localities.every(({ priority }) => priority === 0)
      ? { policy: { overprovisioningFactor: wholeAtOnePercent } }
      : {}),
    endpoints: plan.localities.map((group) => {
      const [region = "", zone = "", subZone = ""] = group.locality.split("/");
      return {
        ...(group.locality === "" ? {} : { locality: { region, zone, subZone } }),
        lbEndpoints: group.endpoints.map(lbEndpoint),
        loadBalancingWeight: Math.max(1, group.weight),
        priority: group.priority,
      };
    }),
  });
}

function lbEndpoint(endpoint: Endpoint): Init<typeof LbEndpointSchema> {
  return {
    hostIdentifier: { case: "endpoint", value: { address: address(endpoint) } },
    loadBalancingWeight: Math.max(1, endpoint.weight),
    ...(endpoint.healthy ? {} : { healthStatus: HealthStatus.UNHEALTHY }),
    metadata: {
      filterMetadata: {
        ...(endpoint.workload.name === "" ? {} : { istio: workload(endpoint) }),
        ...(endpoint.mtls ? { "envoy.transport_socket_match": { tlsMode: "istio" } } : {}),
      },
    },
  };
}

/** What telemetry calls the workload: `%UPSTREAM_METADATA(istio:workload)%`. */
function workload({ workload: w }: Endpoint): JsonObject {
  return {
    workload: w.name,
    namespace: w.namespace,
    app: w.app,
    version: w.version,
    cluster: w.kubeCluster,
  };
}

function address(endpoint: Endpoint): Init<typeof AddressSchema> {
  if (endpoint.address.startsWith("unix://"))
    return { address: { case: "pipe", value: { path: endpoint.address.slice("unix://".length) } } };
  const portSpecifier = { case: "portValue" as const, value: endpoint.port };
  return { address: { case: "socketAddress", value: { address: endpoint.address, portSpecifier } } };
}
