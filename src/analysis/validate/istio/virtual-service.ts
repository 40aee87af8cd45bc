import type { VirtualServiceSpec } from "../../../gen/istio/virtual-service.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { isClaim } from "../headers.ts";
import { gatewayDomainFault, hostsOverlap, isAddress, wildcardDomainFault } from "../names.ts";
import { checkGatewayNames } from "./gateway-names.ts";
import { checkHttpRoute } from "./http-route.ts";
import { checkTcpRoute, checkTlsRoute } from "./tcp-route.ts";
import { checkReachable } from "./unreachable.ts";
import { checkExportTo } from "./visibility.ts";

/** Istio's rules for a VirtualService. Source: istio pkg/config/validation. */
export function checkVirtualService(resource: Resource, root: Findings): void {
  const spec = resource.spec as VirtualServiceSpec;
  const found = root.at("spec");
  const hosts = spec.hosts ?? [];
  const isDelegate = hosts.length === 0;
  if (isDelegate) checkDelegate(spec, found);
  checkGatewayNames(spec.gateways, found);
  const atGateway = isAtGateway(spec);
  if (!atGateway) checkNoClaims(spec, found);
  checkHosts(spec, atGateway, found);
  const { http = [], tcp = [], tls = [] } = spec;
  if (http.length === 0 && tcp.length === 0 && tls.length === 0) {
    found.error("http, tcp or tls must be provided in virtual service", "write a route under http");
  }
  http.forEach((route, i) => void checkHttpRoute(route, isDelegate, found.at("http", i)));
  tls.forEach((route, i) => void checkTlsRoute(route, spec, found.at("tls", i)));
  tcp.forEach((route, i) => void checkTcpRoute(route, found.at("tcp", i)));
  checkExportTo(spec.exportTo, { namespace: resource.namespace }, found);
  checkReachable(http, found.at("http"));
  checkReachable(tcp, found.at("tcp"));
  checkReachable(tls, found.at("tls"));
}

/** Whether it is for gateways alone: it names some, and `mesh` is not among them. */
export function isAtGateway(spec: VirtualServiceSpec): boolean {
  return (spec.gateways?.length ?? 0) > 0 && !spec.gateways?.includes("mesh");
}

function checkDelegate({ gateways, tls, tcp }: VirtualServiceSpec, found: Findings): void {
  if ((gateways?.length ?? 0) > 0)
    found
      .at("gateways")
      .error("delegate virtual service must have no gateways specified", "write hosts, or remove gateways");
  if ((tls?.length ?? 0) > 0)
    found.at("tls").error("delegate virtual service must have no tls route specified", "write hosts");
  if ((tcp?.length ?? 0) > 0)
    found.at("tcp").error("delegate virtual service must have no tcp route specified", "write hosts");
}

function checkNoClaims(spec: VirtualServiceSpec, found: Findings): void {
  spec.http?.forEach((route, i) => {
    route.match?.forEach((match, j) => {
      for (const field of ["headers", "withoutHeaders"] as const) {
        for (const key of Object.keys(match[field] ?? {})) {
          if (!isClaim(key)) continue;
          const message = `JWT claim based routing (key: ${key}) is only supported for gateway, found no gateways: [${spec.gateways?.join(" ") ?? ""}]`;
          found.at("http", i, "match", j, field, key).error(message, "write gateways");
        }
      }
    });
  });
}

function checkHosts(spec: VirtualServiceSpec, atGateway: boolean, root: Findings): void {
  const hosts = spec.hosts ?? [];
  const found = root.at("hosts");
  const hasSni = spec.tls?.some((route) => route.match.some((m) => m.sniHosts.length > 0)) ?? false;
  const before = found.diagnostics.length;
  hosts.forEach((host, i) => {
    const fault = atGateway ? gatewayDomainFault(host, hasSni) : wildcardDomainFault(host);
    if (fault && !isAddress(host)) found.at(i).error(fault, "write a host name");
    else if (!fault && !atGateway && host === "*") {
      found
        .at(i)
        .error(
          "wildcard host * is not allowed for virtual services bound to the mesh gateway",
          "name the hosts, or the gateways it is for",
        );
    }
  });
  if (found.diagnostics.length > before) return;
  hosts.forEach((host, i) => {
    const other = hosts.slice(0, i).find((h) => hostsOverlap(h, host));
    if (other !== undefined)
      found.at(i).error(`duplicate hosts in virtual service: ${other} & ${host}`, "remove one of the two");
  });
}
