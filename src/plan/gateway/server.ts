import type { GatewaySpec, ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { hostMatches } from "../host.ts";
import { isHttp, namedProtocol, type Protocol } from "../protocol.ts";
import { gatewaysFor, listenPorts } from "./selection.ts";

/** One server of a Gateway, with what decides which VirtualServices it takes. */
export interface GatewayServer {
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  readonly namespace: string;
  /** Port that VirtualServices and names of route configurations speak of. */
  readonly port: number;
  /** Port that the router listens on. */
  readonly listen: number;
  readonly bind: string;
  readonly portName: string;
  readonly protocol: Protocol;
  /** Hosts with the namespaces whose VirtualServices may use them; `*` is any. */
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
  readonly tls?: ServerTLSSettings;
  readonly at: string;
}

/** All servers of a router, in the order of its Gateways. Key: JSON of `RouterKey`. */
export const gatewayServers: Step<readonly GatewayServer[]> = {
  name: "plan/gatewayServers",
  run: (scope: Scope, key) => {
    const ports = scope.ask(listenPorts, key);
    return scope.ask(gatewaysFor, key).flatMap((gateway) => serversOf(gateway, ports));
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
    at: gateway.origin.at,
  }));
}

function serverHost(text: string, own: string): GatewayServer["hosts"][number] {
  const slash = text.indexOf("/");
  const namespace = slash < 0 ? "*" : text.slice(0, slash);
  return { namespace: namespace === "." ? own : namespace, host: text.slice(slash + 1).toLowerCase() };
}

/** Whether requests arrive at it as plain HTTP. */
export function isPlainHttp(server: GatewayServer): boolean {
  return isHttp(server.protocol) && (server.tls === undefined || server.tls.httpsRedirect === true);
}

/** What it does with TLS: ends it, or hands it on by its server name. Undefined where there is none, or too little is said to serve it. */
export function tlsRole(server: GatewayServer): "end" | "pass" | undefined {
  const { tls } = server;
  if (tls === undefined || isPlainHttp(server)) return undefined;
  const mode = tls.mode ?? "PASSTHROUGH";
  if (mode === "PASSTHROUGH") return "pass";
  if (mode === "AUTO_PASSTHROUGH") return undefined;
  return mode === "ISTIO_MUTUAL" || hasCertificate(tls) ? "end" : undefined;
}

/** Without one a proxy would refuse the whole port. */
function hasCertificate(tls: ServerTLSSettings): boolean {
  const named = tls.credentialName || tls.credentialNames?.length;
  return Boolean(named || tls.tlsCertificates?.length || (tls.serverCertificate && tls.privateKey));
}

/** Whether it ends TLS and reads HTTP inside. */
export function isTerminatedHttp(server: GatewayServer): boolean {
  return tlsRole(server) === "end" && (isHttp(server.protocol) || server.protocol === "https");
}

/** The narrower of a VirtualService's and a server's host, for each pair that fits; none when the namespace may not use it. */
export function sharedHosts(hosts: readonly string[], namespace: string, server: GatewayServer): readonly string[] {
  const found = hosts.flatMap((host) =>
    server.hosts.flatMap((own) => {
      if (own.namespace !== "*" && own.namespace !== namespace) return [];
      if (hostMatches(own.host, host)) return [host];
      return hostMatches(host, own.host) ? [own.host] : [];
    }),
  );
  return [...new Set(found)];
}

/** Istio's name of the server's route configuration: `http.8080`, `https.443.https.bookinfo.default`. */
export function gatewayTableName(server: GatewayServer): string {
  const bind = server.bind === "" ? "" : `.${server.bind}`;
  if (isPlainHttp(server)) return `http.${server.listen}${bind}`;
  const [namespace, name] = server.gateway.split("/") as [string, string];
  return `https.${server.port}.${server.portName}.${name}.${namespace}${bind}`;
}
