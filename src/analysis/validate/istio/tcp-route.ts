import type {
  RouteDestination,
  TCPRoute,
  TLSMatchAttributes,
  TLSRoute,
  VirtualServiceSpec,
} from "../../../gen/istio/virtual-service.ts";
import type { Findings } from "../finding.ts";
import {
  checkLabels,
  checkPort,
  gatewayDomainFault,
  hostIsSubsetOf,
  isAddress,
  subnetFault,
  wildcardDomainFault,
} from "../names.ts";
import { checkDestination, checkWeights } from "./destination.ts";
import { checkGatewayNames } from "./gateway-names.ts";

/** Checks a TLS route. */
export function checkTlsRoute(route: TLSRoute, spec: VirtualServiceSpec, found: Findings): void {
  const matches = route.match;
  if (matches.length === 0)
    found.at("match").error("TLS route must have at least one match condition", "write a match with sniHosts");
  matches.forEach((match, i) => {
    const at = found.at("match", i);
    const hosts = match.sniHosts;
    if (hosts.length === 0) at.at("sniHosts").error("TLS match must have at least one SNI host", "write the host");
    hosts.forEach((host, j) => void checkSniHost(host, spec, at.at("sniHosts", j)));
    checkL4Match(match, at);
  });
  if ((route.route ?? []).length === 0) found.error("TLS route is required", "write route with a destination");
  checkRoutes(route.route ?? [], found.at("route"));
}

/** Checks a TCP route. */
export function checkTcpRoute(route: TCPRoute, found: Findings): void {
  route.match?.forEach((match, i) => void checkL4Match(match, found.at("match", i)));
  if ((route.route ?? []).length === 0) found.error("TCP route is required", "write route with a destination");
  checkRoutes(route.route ?? [], found.at("route"));
}

function checkSniHost(host: string, spec: VirtualServiceSpec, found: Findings): void {
  // An empty list of gateways counts as a gateway here, as Istio's isGateway has it.
  const atGateway = !(spec.gateways ?? []).includes("mesh");
  const fault = atGateway ? gatewayDomainFault(host, true) : wildcardDomainFault(host);
  if (fault && isAddress(host)) {
    found.warn(
      `using an IP address ("${host}") goes against SNI spec and most clients do not support this`,
      "write a host name",
    );
    return;
  }
  if (fault) {
    found.error(fault, "write a host name");
    return;
  }
  const hosts = spec.hosts ?? [];
  if (!hosts.some((h) => hostIsSubsetOf(host, h))) {
    found.error(
      `SNI host "${host}" is not a compatible subset of any of the virtual service hosts: [${hosts.join(", ")}]`,
      "write one of the hosts, or add it to hosts",
    );
  }
}

type L4Match = Pick<TLSMatchAttributes, "destinationSubnets" | "port" | "sourceLabels" | "gateways">;

function checkL4Match(match: L4Match, found: Findings): void {
  match.destinationSubnets?.forEach((subnet, i) => {
    const fault = subnetFault(subnet);
    if (fault) found.at("destinationSubnets", i).error(fault, "write an IP address or a CIDR block");
  });
  if ((match.port ?? 0) !== 0) checkPort(match.port, found.at("port"));
  checkLabels(match.sourceLabels, found.at("sourceLabels"));
  checkGatewayNames(match.gateways, found);
}

function checkRoutes(routes: readonly RouteDestination[], found: Findings): void {
  routes.forEach((route, i) => void checkDestination(route.destination, found.at(i, "destination")));
  checkWeights(routes, found);
}
