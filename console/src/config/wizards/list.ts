import type { Wizard } from "./form.ts";
import { grpcRoute, httpRoute } from "./gateway-routes.ts";
import { istioGateway, kubernetesGateway, referenceGrant } from "./gateways.ts";
import { requestRouting } from "./request-routing.ts";
import { faultInjection, timeouts } from "./route-settings.ts";
import { serviceEntry, sidecar } from "./scope.ts";
import { authorization, peerAuthentication, requestAuthentication } from "./security.ts";
import { balancing, circuitBreaking } from "./traffic-policy.ts";
import { tcpShifting, trafficShifting } from "./traffic-shifting.ts";

/** All wizards, in the order in which they are shown. */
export const wizards: readonly Wizard[] = [
  ...[requestRouting, trafficShifting, tcpShifting, balancing],
  ...[faultInjection, timeouts, circuitBreaking],
  ...[istioGateway, kubernetesGateway, httpRoute, grpcRoute, referenceGrant],
  ...[authorization, peerAuthentication, requestAuthentication],
  ...[serviceEntry, sidecar],
];

export const wizardGroups = ["Routing", "Resilience", "Gateways", "Security", "Scope"] as const;
