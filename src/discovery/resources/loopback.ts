import { fromBinary } from "@bufbuild/protobuf";
import { cluster } from "../../envoy/cluster/cluster.ts";
import type { InboundOptions } from "../../envoy/cluster/inbound.ts";
import { inboundAt, wayCluster } from "../../envoy/cluster/loopback.ts";
import { passthroughByName } from "../../envoy/cluster/passthrough.ts";
import { boundTo, explicitProxyListener, inboundListener, internalListener } from "../../envoy/listener/loopback.ts";
import { outboundListener as capturing } from "../../envoy/listener/outbound.ts";
import type { Local } from "../../envoy/local.ts";
import { explicitRoutes } from "../../envoy/route/explicit-proxy.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import type { Proxy } from "../../model/proxy.ts";
import { clusterPlan, serviceClusterKeys } from "../../plan/cluster/cluster.ts";
import { explicitProxy } from "../../plan/listener/explicit-proxy.ts";
import { inboundPlan } from "../../plan/listener/inbound.ts";
import { outboundListeners } from "../../plan/listener/outbound.ts";
import { outboundPolicy } from "../../plan/outbound-policy.ts";
import type { HttpSettings } from "../../plan/proxy/http-settings.ts";
import { visibleServices } from "../../plan/registry.ts";
import { parseView, viewerOf } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ProxyConfig, ResourceSet, XdsResource } from "../../xds/resource.ts";
import { TYPE } from "../../xds/type-url.ts";
import { type ClusterSetKey, clusterSet } from "./clusters.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";
import { gatewayListenerSet } from "./gateway.ts";
import { inboundPorts } from "./listeners.ts";
import { routeSet, routeSetKey } from "./routes.ts";

/** Where a proxy and its application are that share a machine's loopback interface with all others: nothing is captured. */
export interface LoopbackPlace {
  /** The Pod's own address, where its proxy listens. */
  readonly ip: string;
  /** Where its application listens; absent for a gateway. */
  readonly application?: string;
  /** The port at `ip` at which the application asks for the way out. */
  readonly port: number;
}

/** Node metadata that a loopback place is read from. */
const said = ["WEFT_MODE", "INTERCEPTION_MODE", "WEFT_APP_ADDRESS", "WEFT_HTTP_PROXY_PORT"] as const;

/** The part of a proxy's metadata that `loopbackPlace` reads. */
export function loopbackMetadata({ metadata }: Proxy): Readonly<Record<string, unknown>> {
  return metadata["WEFT_MODE"] === "loopback" ? Object.fromEntries(said.map((name) => [name, metadata[name]])) : {};
}

/** Undefined for a proxy whose traffic is captured. */
export function loopbackPlace({ ips, metadata }: Proxy): LoopbackPlace | undefined {
  const [ip] = ips;
  if (metadata["WEFT_MODE"] !== "loopback" || metadata["INTERCEPTION_MODE"] !== "NONE" || ip === undefined)
    return undefined;
  const application = metadata["WEFT_APP_ADDRESS"];
  return {
    ip,
    ...(typeof application === "string" ? { application } : {}),
    port: Number(metadata["WEFT_HTTP_PROXY_PORT"]),
  };
}

/** What a sidecar in capture mode depends on, and its place. */
export interface LoopbackSidecar {
  readonly view: string;
  readonly local: Local;
  /** JSON of `InboundKey`. */
  readonly inbound: string;
  readonly place: LoopbackPlace;
}

/** The configuration of a sidecar that would be captured (`captured`), for one that is not. */
export function loopbackSidecar(scope: Scope, captured: ProxyConfig, sidecar: LoopbackSidecar): ProxyConfig {
  const key = JSON.stringify(sidecar);
  const { view, local, place } = sidecar;
  return new Map([
    ...captured,
    [TYPE.cluster, scope.ask(loopbackClusters, key)],
    [TYPE.listener, scope.ask(loopbackListeners, key)],
    [
      TYPE.route,
      scope.ask(loopbackRoutes, JSON.stringify({ view, self: `${place.ip}:${place.port}`, http: local.http })),
    ],
  ]);
}

/** Ports at a Pod's address that are the proxy's own. */
function isFree(port: number, place: LoopbackPlace): boolean {
  return port !== place.port && ![15000, 15021, 15090].includes(port);
}

/** Key: JSON of `LoopbackSidecar`. */
const loopbackListeners: Step<ResourceSet> = {
  name: "discovery/loopbackListeners",
  run: (scope, key) => {
    const { view, local, inbound, place } = JSON.parse(key) as LoopbackSidecar;
    const plan = scope.ask(inboundPlan, inbound);
    const policy = scope.ask(outboundPolicy, view);
    const ports = inboundPorts(plan).filter(({ port }) => isFree(port, place));
    return setOf([
      resource(explicitProxyListener(place.ip, place.port), []),
      ...ports.map(({ port }) => {
        const made = inboundListener(plan, port, local, place.ip);
        return made && resource(made, plan.origins);
      }),
      ...[...scope.ask(outboundListeners, view).values()].map((outbound) =>
        resource(internalListener(capturing(outbound, policy, local)), outbound.origins),
      ),
    ]);
  },
  same: sameSet,
};

function inboundOptions({ http }: Local): InboundOptions {
  return http?.preserveCase === true ? { preserveCase: true } : {};
}

function resource(listener: Listener, origins: readonly string[]): XdsResource {
  return encoded(ListenerSchema, listener.name, listener, origins);
}

/** Key: JSON of `LoopbackSidecar`. */
const loopbackClusters: Step<ResourceSet> = {
  name: "discovery/loopbackClusters",
  run: (scope, key) => {
    const { view, local, inbound, place } = JSON.parse(key) as LoopbackSidecar;
    const { secretsFrom } = local;
    const captured: ClusterSetKey = { view, secretsFrom, inbound: [] };
    const address = place.application ?? place.ip;
    const own = [
      ...inboundPorts(scope.ask(inboundPlan, inbound)).map((p) => inboundAt(address, p, inboundOptions(local))),
      passthroughByName(),
      ...scope.ask(explicitProxy, view).ways.map(wayCluster),
    ].map((c) => encoded(ClusterSchema, c.name, c, []));
    const all = scope.ask(clusterSet, JSON.stringify(captured)).resources.values();
    return setOf([...own, ...byName(scope, view, secretsFrom), ...all]);
  },
  same: sameSet,
};

/** Services without endpoints go to the address that was called. Here a name was called: the proxy resolves it. */
function byName(scope: Scope, viewKey: string, secretsFrom: Local["secretsFrom"]): readonly XdsResource[] {
  const view = parseView(viewKey);
  const unresolved = scope.ask(visibleServices, viewerOf(view)).filter((s) => s.resolution === "none");
  return unresolved
    .flatMap((service) => serviceClusterKeys(scope, view, service))
    .flatMap((key) => {
      const plan = scope.ask(clusterPlan, key);
      if (plan === undefined) return [];
      const made = cluster({ ...plan, discovery: { kind: "forward-proxy" } }, secretsFrom);
      return [encoded(ClusterSchema, plan.name, made, plan.origins)];
    });
}

/** Key: JSON of `view`, settings of its HTTP, and `self`, the proxy's own `IP:port`. */
const loopbackRoutes: Step<ResourceSet> = {
  name: "discovery/loopbackRoutes",
  run: (scope, key) => {
    const { view, self, http } = JSON.parse(key) as { view: string; self: string; http?: HttpSettings };
    const table = explicitRoutes(scope.ask(explicitProxy, view), self);
    const explicit = encoded(RouteConfigurationSchema, table.name, table, []);
    return setOf([explicit, ...scope.ask(routeSet, routeSetKey(view, http)).resources.values()]);
  },
  same: sameSet,
};

/** Listeners of a gateway at its Pod's address. `gateway`: key of `gatewayListenerSet`. */
export function loopbackGateway(scope: Scope, gateway: string, { ip }: LoopbackPlace): ResourceSet {
  return scope.ask(boundListeners, `${ip}|${gateway}`);
}

/** Key: `ip|` and the key of `gatewayListenerSet`. */
const boundListeners: Step<ResourceSet> = {
  name: "discovery/loopbackGateway",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const all = scope.ask(gatewayListenerSet, key.slice(bar + 1)).resources.values();
    const bound = [...all].map(({ body, origins }) =>
      resource(boundTo(fromBinary(ListenerSchema, body), key.slice(0, bar)), origins),
    );
    return setOf(bound);
  },
  same: sameSet,
};
