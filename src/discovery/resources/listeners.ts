import { virtualInbound } from "../../envoy/listener/inbound.ts";
import { addressListener, httpListener, tlsListener, virtualOutbound } from "../../envoy/listener/outbound.ts";
import type { WeightedCluster } from "../../envoy/listener/tcp-proxy.ts";
import type { Local } from "../../envoy/local.ts";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { type InboundPlan, inboundPlan } from "../../plan/listener/inbound.ts";
import { outboundPlan, type TcpTarget } from "../../plan/listener/outbound.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Protocol } from "../../plan/protocol.ts";
import { outboundKey } from "../../plan/route/names.ts";
import { outboundL4Routes } from "../../plan/route/tcp-routes.ts";
import { parseView } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";

const outboundPort = 15001;
const inboundPort = 15006;

export interface SidecarListenersKey {
  readonly view: string;
  readonly local: Local;
  /** JSON of `InboundKey`. */
  readonly inbound: string;
}

/** Listeners of a sidecar. Key: JSON of `SidecarListenersKey`. */
export const sidecarListenerSet: Step<ResourceSet> = {
  name: "discovery/sidecarListeners",
  run: (scope, key) => {
    const { view, local, inbound } = JSON.parse(key) as SidecarListenersKey;
    const plan = scope.ask(inboundPlan, inbound);
    return setOf([
      encodedListener(virtualOutbound(scope.ask(mesh, "").outboundTrafficPolicy, local, outboundPort), []),
      encodedListener(virtualInbound(plan, local, inboundPort), plan.origins),
      ...outboundListeners(scope, view, local),
    ]);
  },
  same: sameSet,
};

/** Ports that the inbound side serves. */
export function inboundPorts(plan: InboundPlan): readonly { readonly port: number; readonly protocol: Protocol }[] {
  return plan.ports.map(({ port, protocol }) => ({ port, protocol }));
}

function outboundListeners(scope: Scope, view: string, local: Local): readonly XdsResource[] {
  const plan = scope.ask(outboundPlan, view);
  const policy = scope.ask(mesh, "").outboundTrafficPolicy;
  return [
    ...plan.httpPorts.map(({ port, grpc }) => encodedListener(httpListener(port, local, grpc), [])),
    ...plan.addresses.map((l) => {
      const routed = targets(scope, view, l.target, "tcp");
      return encodedListener(addressListener(l, routed.clusters, local), routed.origins);
    }),
    ...plan.tlsPorts.map((l) =>
      encodedListener(
        tlsListener(l, (t) => targets(scope, view, t, "tls").clusters, policy, local),
        [],
      ),
    ),
  ];
}

/** Clusters of a service's port: those of the first route that takes every connection, else its own. */
function targets(
  scope: Scope,
  view: string,
  target: TcpTarget,
  kind: "tcp" | "tls",
): { readonly clusters: readonly WeightedCluster[]; readonly origins: readonly string[] } {
  const routes = scope.ask(outboundL4Routes, outboundKey(parseView(view), target.port.number, target.service.host));
  const own = { clusters: [{ cluster: target.cluster, weight: 1 }], origins: [target.service.at] };
  const route = routes[kind].find(
    (r) => r.destinationSubnets.length === 0 && (r.sniHosts.length === 0 || r.sniHosts.includes(target.service.host)),
  );
  if (route === undefined) return own;
  return { clusters: route.destinations.map(({ cluster, weight }) => ({ cluster, weight })), origins: routes.origins };
}

function encodedListener(listener: Listener, origins: readonly string[]): XdsResource {
  return encoded(ListenerSchema, listener.name, listener, origins);
}
