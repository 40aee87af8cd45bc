import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import { hostMatches } from "../host.ts";
import { isHttp, type Protocol } from "../protocol.ts";

/** One server of a Gateway, with what decides which VirtualServices it takes. */
export interface GatewayServer {
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  /** Under which VirtualServices name it, where that is not `gateway` alone. */
  readonly names?: readonly string[];
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
  /** HTTP/3 is asked for; see `speaksHttp3`. */
  readonly http3?: boolean;
  /** Kind of the objects that say where its traffic goes. */
  readonly takes: "VirtualService" | "Ingress" | "Route";
  /** Of a Gateway of Gateway API: the key of its routes. */
  readonly listener?: string;
  readonly at: string;
}

/** Whether requests arrive at it as plain HTTP. */
export function isPlainHttp(server: GatewayServer): boolean {
  const { tls } = server;
  if (!isHttp(server.protocol)) return false;
  // An HTTP port with settings of TLS that name no way to end it (`tls: {}`, as Kiali's form writes it) is plain, as in Istio.
  return tls === undefined || tls.httpsRedirect === true || (tls.mode ?? "PASSTHROUGH") === "PASSTHROUGH";
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

/** Every name under which VirtualServices may name a server's Gateway. */
export function gatewayNames({ gateway, names = [gateway] }: GatewayServer): readonly string[] {
  return names;
}

/** Istio's name of the server's route configuration: `http.8080`, `https.443.https.bookinfo.default`. */
export function gatewayTableName(server: GatewayServer): string {
  const bind = server.bind === "" ? "" : `.${server.bind}`;
  if (isPlainHttp(server)) return `http.${server.listen}${bind}`;
  const [namespace, name] = server.gateway.split("/") as [string, string];
  return `https.${server.port}.${server.portName}.${name}.${namespace}${bind}`;
}

/** Whether it takes HTTP/3 too, on the UDP port of the same number. */
export function speaksHttp3(server: GatewayServer): boolean {
  return server.http3 === true && isTerminatedHttp(server) && server.tls?.mode !== "ISTIO_MUTUAL";
}
