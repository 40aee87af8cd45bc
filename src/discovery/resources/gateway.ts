import { gatewayListener } from "../../envoy/listener/gateway.ts";
import type { Local } from "../../envoy/local.ts";
import { gatewayRouteConfiguration } from "../../envoy/route/table.ts";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { edge } from "../../plan/gateway/edge.ts";
import { gatewayListeners } from "../../plan/gateway/listeners.ts";
import { gatewayTables } from "../../plan/gateway/routes.ts";
import type { RouterKey } from "../../plan/gateway/selection.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";
import { udpListeners } from "./udp.ts";

export interface GatewayKey {
  readonly view: string;
  readonly local: Local;
  readonly router: RouterKey;
  /** Text of its annotation `proxy.istio.io/config`. */
  readonly config: string;
}

/** Listeners of a router. Key: JSON of `GatewayKey`. */
export const gatewayListenerSet: Step<ResourceSet> = {
  name: "discovery/gatewayListeners",
  run: (scope, key) => {
    const { view, local, router, config } = JSON.parse(key) as GatewayKey;
    const said = scope.ask(edge, config);
    const listeners = scope.ask(gatewayListeners, JSON.stringify({ router, view }));
    const streams = listeners.map((plan) => {
      const listener = gatewayListener(plan, local, said);
      return encoded(ListenerSchema, listener.name, listener, plan.origins);
    });
    return setOf([...streams, ...udpListeners(scope, JSON.stringify(router))]);
  },
  same: sameSet,
};

/** Route configurations of a router. Key: JSON of `GatewayKey`. */
export const gatewayRouteSet: Step<ResourceSet> = {
  name: "discovery/gatewayRoutes",
  run: (scope, key) => {
    const { view, router, local } = JSON.parse(key) as GatewayKey;
    const tables = scope.ask(gatewayTables, JSON.stringify({ router, view }));
    return setOf(
      tables.map((t) => encoded(RouteConfigurationSchema, t.name, gatewayRouteConfiguration(t, local.http), t.origins)),
    );
  },
  same: sameSet,
};
