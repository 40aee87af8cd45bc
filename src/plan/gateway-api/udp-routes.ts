import type { UDPRouteSpec } from "../../gen/gateway-api/udp-route.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { LocalityGroup } from "../cluster/arrangement.ts";
import { usable } from "../endpoint.ts";
import { gatewayServers } from "../gateway/servers.ts";
import { endpoints, endpointsKey } from "../registry/endpoints.ts";
import { seenFrom, servicesNamed } from "../registry/service-index.ts";
import { attachedTo, parseRouteKey } from "./attachments.ts";
import { backendOf, isFault } from "./backend.ts";

/** A UDP port of a router, and who its datagrams go to. */
export interface UdpPort {
  readonly address: string;
  readonly port: number;
  /** Name of the cluster that is its own: `udp|5300|default/front|dns`. */
  readonly cluster: string;
  /** Endpoints of each backend, by its weight. */
  readonly groups: readonly LocalityGroup[];
  readonly origins: readonly string[];
}

/**
 * UDP ports of a router with a route, of the oldest one each. The sessions of a backend that is not there go to the others. Key: JSON of
 * `RouterKey`.
 */
export const udpPorts: Step<readonly UdpPort[]> = {
  name: "plan/udpPorts",
  run: (scope, key) => {
    const servers = scope.ask(gatewayServers, key).filter((server) => server.protocol === "udp");
    return servers.flatMap((server) => {
      const found = scope.ask(attachedTo, server.listener ?? "").flatMap(({ route }) => {
        const ref = parseRouteKey(route);
        const resource = ref.type === types.UdpRoute ? scope.get<UDPRouteSpec>(ref) : undefined;
        return resource === undefined ? [] : [{ ref, resource }];
      });
      const [oldest] = found.toSorted(
        (a, b) => a.resource.createdAt - b.resource.createdAt || (a.ref.name < b.ref.name ? -1 : 1),
      );
      if (oldest === undefined) return [];
      return [
        {
          address: server.bind || "0.0.0.0",
          port: server.listen,
          cluster: `udp|${server.port}|${server.gateway}`,
          groups: groups(scope, oldest.ref, oldest.resource.spec),
          origins: [server.at, oldest.resource.origin.at],
        },
      ];
    });
  },
};

/** Of the one rule that the schema lets such a route have. */
function groups(
  scope: Scope,
  from: Parameters<typeof backendOf>[1]["from"],
  { rules }: UDPRouteSpec,
): readonly LocalityGroup[] {
  return (rules[0]?.backendRefs ?? []).flatMap((said, index): readonly LocalityGroup[] => {
    const { weight = 1 } = said;
    const to = backendOf(scope, { from, inMesh: false }, said);
    if (isFault(to) || weight === 0) return [];
    const service = seenFrom(scope.ask(servicesNamed, to.host), from.namespace);
    if (service === undefined || to.port === undefined) return [];
    const all = usable(scope.ask(endpoints, endpointsKey(service, to.port)));
    // Datagrams go to the application itself: no proxy takes them there.
    return [{ locality: `backend/${index}`, priority: 0, weight, endpoints: all.map((e) => ({ ...e, mtls: false })) }];
  });
}
