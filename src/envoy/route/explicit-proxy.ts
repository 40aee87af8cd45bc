import { create } from "@bufbuild/protobuf";
import {
  type Route,
  RouteSchema,
  type VirtualHost,
  VirtualHostSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { type RouteConfiguration, RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { blackHoleCluster } from "../../plan/cluster-name.ts";
import type { ExplicitProxy } from "../../plan/listener/explicit-proxy.ts";
import { duration } from "../any.ts";
import { directResponseAction } from "./direct-response.ts";
import { regex } from "./text-match.ts";

/** Name of the table by which an explicit proxy hands on what it is asked for. */
export const explicitRoutesName = "explicit-outbound";

/** Hands each name to the listener that would have captured it. `self` is the proxy's own `IP:port`: asked for itself it would go round for ever. */
export function explicitRoutes({ targets, ports, policy }: ExplicitProxy, self: string): RouteConfiguration {
  const known = targets.map(({ names, to }) => host(to, names, [tunnel(to), forward(to)]));
  const { bytes, requests } = policy;
  const unknown: Route[] = [
    bytes === blackHoleCluster ? refuse(502, notInMesh, "connect") : tunnel(bytes),
    ...ports.map(({ port, way }) => forward(way, port)),
    requests === undefined ? refuse(502, notInMesh) : forward(requests),
  ];
  return create(RouteConfigurationSchema, {
    name: explicitRoutesName,
    validateClusters: false,
    virtualHosts: [...known, host("self", [self], [refuse(508, roundAndRound)]), host("unknown", ["*"], unknown)],
  });
}

const notInMesh =
  "Weft: no service of the mesh has this name and port, and outboundTrafficPolicy is REGISTRY_ONLY; add a ServiceEntry for it.\n";
const roundAndRound = "Weft: this is the proxy itself; ask it for a service, not for its own address.\n";

function host(name: string, domains: readonly string[], routes: readonly Route[]): VirtualHost {
  return create(VirtualHostSchema, { name, domains: [...domains], routes: [...routes] });
}

const anyRequest = { pathSpecifier: { case: "prefix", value: "/" } } as const;
const anyTunnel = { pathSpecifier: { case: "connectMatcher", value: {} } } as const;

/** What comes through a CONNECT, as bytes. */
function tunnel(cluster: string): Route {
  return create(RouteSchema, {
    match: anyTunnel,
    action: {
      case: "route",
      value: {
        clusterSpecifier: { case: "cluster", value: cluster },
        timeout: duration(0),
        upgradeConfigs: [{ upgradeType: "CONNECT", connectConfig: {} }],
      },
    },
  });
}

/** Requests, or only those whose URL has this port. */
function forward(cluster: string, port?: number): Route {
  return create(RouteSchema, {
    match: { ...anyRequest, ...(port === undefined ? {} : { headers: [authority(port)] }) },
    action: { case: "route", value: { clusterSpecifier: { case: "cluster", value: cluster }, timeout: duration(0) } },
  });
}

/** A URL without a port means 80. */
function authority(port: number) {
  const pattern = port === 80 ? "[^:]*|\\[.*\\]|.*:80" : `.*:${port}`;
  const stringMatch = { matchPattern: { case: "safeRegex" as const, value: regex(pattern) } };
  return { name: ":authority", headerMatchSpecifier: { case: "stringMatch" as const, value: stringMatch } };
}

function refuse(status: number, text: string, what?: "connect"): Route {
  const value = directResponseAction({ kind: "directResponse", status, body: { text } });
  return create(RouteSchema, {
    match: what === "connect" ? anyTunnel : anyRequest,
    action: { case: "directResponse", value },
  });
}
