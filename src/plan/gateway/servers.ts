import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { apiGatewaysFor } from "../gateway-api/gateways.ts";
import { apiServers } from "../gateway-api/servers.ts";
import { ingressServers } from "../ingress/servers.ts";
import { namedProtocol } from "../protocol.ts";
import { gatewaysFor, listenPorts, servesIngress } from "./selection.ts";
import type { GatewayServer } from "./server.ts";

/** On a Gateway: HTTP/3 beside TLS of its HTTPS servers. Istio has a switch of the whole control plane for it. */
const http3Annotation = "weft.dev/http3";

/** All servers of a router, in the order of its Gateways. Key: JSON of `RouterKey`. */
export const gatewayServers: Step<readonly GatewayServer[]> = {
  name: "plan/gatewayServers",
  run: (scope: Scope, key) => {
    const ports = scope.ask(listenPorts, key);
    const ingress = scope.ask(servesIngress, key) ? scope.ask(ingressServers, "") : [];
    const api = scope.ask(apiGatewaysFor, key).flatMap((gateway) => scope.ask(apiServers, gateway));
    return [
      ...[...ingress, ...api].map((server) => ({ ...server, listen: ports.get(server.port) ?? server.port })),
      ...scope.ask(gatewaysFor, key).flatMap((gateway) => serversOf(gateway, ports)),
    ];
  },
};

function serversOf(gateway: Resource<GatewaySpec>, ports: ReadonlyMap<number, number>): readonly GatewayServer[] {
  return (gateway.spec.servers ?? []).map((server) => ({
    gateway: `${gateway.namespace}/${gateway.name}`,
    namespace: gateway.namespace,
    port: server.port.number,
    listen: server.port.targetPort || ports.get(server.port.number) || server.port.number,
    bind: server.bind ?? "",
    portName: server.port.name,
    protocol: namedProtocol(server.port.protocol),
    hosts: server.hosts.map((host) => serverHost(host, gateway.namespace)),
    ...(server.tls === undefined ? {} : { tls: server.tls }),
    http3: gateway.annotations[http3Annotation] === "true",
    takes: "VirtualService" as const,
    at: gateway.origin.at,
  }));
}

function serverHost(text: string, own: string): GatewayServer["hosts"][number] {
  const slash = text.indexOf("/");
  const namespace = slash < 0 ? "*" : text.slice(0, slash);
  return { namespace: namespace === "." ? own : namespace, host: text.slice(slash + 1).toLowerCase() };
}
