import { loadAssignment } from "../../envoy/cluster/endpoints.ts";
import { udpCluster } from "../../envoy/cluster/udp.ts";
import { udpListener } from "../../envoy/listener/udp.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { udpPorts } from "../../plan/gateway-api/udp-routes.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";
import { gatewayClusterSet, gatewayEndpointSet } from "./passed.ts";

/** A set of a router and whose UDP ports come to it; JSON of it is the key of the steps here. */
export interface WithUdpKey {
  /** Key of the set without UDP. */
  readonly base: string;
  /** JSON of `RouterKey`. */
  readonly router: string;
}

/** `gatewayClusterSet` of a router, with those of its UDP ports. Key: JSON of `WithUdpKey`. */
export const routerClusterSet: Step<ResourceSet> = {
  name: "discovery/routerClusters",
  run: (scope, key) =>
    withUdp(scope, key, gatewayClusterSet, (port) =>
      encoded(ClusterSchema, port.cluster, udpCluster(port), port.origins),
    ),
  same: sameSet,
};

/** `gatewayEndpointSet` of a router, with those of its UDP ports. Key: JSON of `WithUdpKey`. */
export const routerEndpointSet: Step<ResourceSet> = {
  name: "discovery/routerEndpoints",
  run: (scope, key) =>
    withUdp(scope, key, gatewayEndpointSet, (port) => {
      const assigned = loadAssignment({ cluster: port.cluster, localities: port.groups });
      return encoded(ClusterLoadAssignmentSchema, port.cluster, assigned, port.origins);
    }),
  same: sameSet,
};

type Port = Parameters<typeof udpListener>[0];

/** Listeners of a router's UDP ports. */
export function udpListeners(scope: Scope, router: string): readonly XdsResource[] {
  return scope.ask(udpPorts, router).map((port) => {
    const listener = udpListener(port);
    return encoded(ListenerSchema, listener.name, listener, port.origins);
  });
}

function withUdp(scope: Scope, key: string, step: Step<ResourceSet>, make: (port: Port) => XdsResource): ResourceSet {
  const { base, router } = JSON.parse(key) as WithUdpKey;
  const set = scope.ask(step, base);
  const ports = scope.ask(udpPorts, router);
  return ports.length === 0 ? set : setOf([...set.resources.values(), ...ports.map(make)]);
}
