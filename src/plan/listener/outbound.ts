import type { Scope, Step } from "../../track/scope.ts";
import { clusterName, proxyTableName } from "../cluster-name.ts";
import { isHttp, isHttp2, isTls } from "../protocol.ts";
import { endpoints, endpointsKey } from "../registry/endpoints.ts";
import { visibleServices } from "../registry.ts";
import { byName } from "../route/by-name.ts";
import type { DestinationRef } from "../route/destination.ts";
import { outboundKey } from "../route/names.ts";
import { outboundL4Routes } from "../route/outbound-l4.ts";
import type { L4Routes, TcpRoute } from "../route/tcp-routes.ts";
import { type Tunnel, tunnelTo } from "../route/tunnel.ts";
import { serverNames } from "../server-name.ts";
import type { Service, ServicePort } from "../service.ts";
import { egressListeners, sidecarOrigins } from "../sidecar/egress.ts";
import { parseView, type View, viewerOf } from "../view.ts";
import { type BoundPlace, boundPlaces, isCaptured } from "./bound.ts";
import { isSubnet, plainSubnet, subnetCovers } from "./subnet.ts";

/** What a sidecar does with connections of its application to one port, at one address or at all that have no listener of their own. */
export interface OutboundListener {
  /** IP address, or `0.0.0.0` for the rest; `unix:///path` with port 0. */
  readonly address: string;
  readonly port: number;
  /** HTTP, routed by its Host. Where bytes may come too, only what looks like it. `grpc`: some service of this port speaks gRPC. */
  readonly http?: { readonly grpc: boolean };
  /** Connections that are told apart by what they say or where they go. No two are for the same. */
  readonly chains: readonly OutboundChain[];
  /** Where all other bytes go; absent: nowhere but by the mesh's policy for what nobody knows. */
  readonly rest?: BytesTarget;
  /** The proxy listens there itself; absent: what calls this address is captured. */
  readonly bound?: boolean;
  /** Name of the one table that its requests go by; absent: each service's own. */
  readonly table?: string;
  readonly origins: readonly string[];
}

export interface OutboundChain extends BytesTarget {
  /** TLS with one of these server names; empty is any connection. */
  readonly serverNames: readonly string[];
  /** Called addresses (CIDRs); empty is any. */
  readonly subnets: readonly string[];
}

/** The end of a connection. */
export interface BytesTarget {
  readonly host: string;
  readonly clusters: readonly { readonly cluster: string; readonly weight: number; readonly tunnel?: Tunnel }[];
  /** It goes to the server name that its TLS calls, at this port. */
  readonly byName?: number;
}

/** Ports that captured connections arrive at: nothing else may listen there. */
const reserved = new Set([15001, 15006]);

/** Listeners of a view by `address_port`. Key: `viewKey`. Source: Istio's listener rules for each protocol. */
export const outboundListeners: Step<ReadonlyMap<string, OutboundListener>> = {
  name: "plan/outboundListeners",
  run: (scope, key) => {
    const drafts = new Map<string, Draft>();
    const view = parseView(key);
    // The oldest service counts where two want the same.
    const viewer = viewerOf(view);
    const services = scope.ask(visibleServices, viewer).toSorted((a, b) => a.createdAt - b.createdAt);
    const listeners = scope.ask(egressListeners, viewer);
    for (const service of services)
      for (const port of service.ports)
        if (port.protocol !== "udp" && isCaptured(listeners, port.number, port.protocol))
          add(drafts, scope, view, service, port);
    for (const place of boundPlaces(listeners, services)) addPlace(drafts, scope, view, place);
    const made = [...drafts.values()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
    return new Map(made.map((draft) => [`${draft.address}_${draft.port}`, finished(draft)]));
  },
};

/** One of them. Key: `address_port|viewKey`. */
export const outboundListener: Step<OutboundListener | undefined> = {
  name: "plan/outboundListener",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    return scope.ask(outboundListeners, key.slice(bar + 1)).get(key.slice(0, bar));
  },
};

interface Draft {
  readonly address: string;
  readonly port: number;
  readonly bound?: boolean;
  readonly table?: string;
  http?: { grpc: boolean };
  readonly chains: OutboundChain[];
  rest?: BytesTarget;
  readonly origins: Set<string>;
}

const wildcard = "0.0.0.0";

function add(drafts: Map<string, Draft>, scope: Scope, view: View, service: Service, port: ServicePort): void {
  const draft = (address: string): Draft => {
    const id = `${address}_${port.number}`;
    const found = drafts.get(id) ?? { address, port: port.number, chains: [], origins: new Set() };
    drafts.set(id, found);
    return found;
  };
  if (isHttp(port.protocol)) {
    if (!reserved.has(port.number)) addHttp(draft(wildcard), isHttp2(port.protocol), service);
    return;
  }
  const wanted = wantedOf(scope, view, service, port);
  const single = addressesOf(scope, service, port);
  // A listener of one address is one service's: it would not know what to do with another's bytes.
  for (const address of single) if (!drafts.has(`${address}_${port.number}`)) addAddress(draft(address), wanted);
  const subnets = service.addresses.filter(isSubnet);
  const bare = service.addresses.length === 0 && !service.headless;
  // A name that was given an address by the mesh may still be called by the address that the world gives it.
  const byName = isTls(port.protocol) && (bare || service.kind === "ServiceEntry");
  if ((subnets.length > 0 || bare || byName) && !reserved.has(port.number))
    addWildcard(draft(wildcard), wanted, subnets, bare);
}

/** What a Sidecar's own place takes: requests by their Host, TLS by its server name, of all else the oldest service's. */
function addPlace(
  drafts: Map<string, Draft>,
  scope: Scope,
  view: View,
  { address, port: number, bound, protocol, proxy, services }: BoundPlace,
): void {
  const id = `${address}_${number}`;
  if (drafts.has(id) || reserved.has(number)) return;
  const http = protocol !== undefined && isHttp(protocol);
  const origins = new Set(scope.ask(sidecarOrigins, view.sidecar ?? ""));
  const table = proxy && http ? { table: proxyTableName } : {};
  const draft: Draft = { address, port: number, ...(bound ? { bound } : {}), ...table, chains: [], origins };
  drafts.set(id, draft);
  if (http) draft.http = { grpc: isHttp2(protocol) };
  for (const service of services) {
    const found = service.ports.find((p) => (number === 0 || p.number === number) && p.protocol !== "udp");
    if (found === undefined || http) continue;
    if (isHttp(found.protocol) && number !== 0) addHttp(draft, isHttp2(found.protocol), service);
    else if (isTls(found.protocol) || draft.rest === undefined)
      addWildcard(draft, wantedOf(scope, view, service, found), [], true);
  }
}

function wantedOf(scope: Scope, view: View, service: Service, port: ServicePort): Wanted {
  const routes = scope.ask(outboundL4Routes, outboundKey(view, port.number, service.host));
  const tunnelled = (destination: DestinationRef): { readonly tunnel?: Tunnel } => {
    const tunnel = tunnelTo(scope, view, destination);
    return tunnel === undefined ? {} : { tunnel };
  };
  const own: BytesTarget = {
    host: service.host,
    clusters: [
      {
        cluster: clusterName("outbound", port.number, "", service.host),
        weight: 1,
        ...tunnelled({ host: service.host, subset: "" }),
      },
    ],
    ...byName(service, port.number),
  };
  const target = ({ destinations, byName: name }: TcpRoute): BytesTarget => ({
    host: own.host,
    clusters: destinations.map(({ cluster, weight, ...to }) => ({ cluster, weight, ...tunnelled(to) })),
    ...(name === undefined ? {} : { byName: name }),
  });
  return { service, port, routes, own, target };
}

interface Wanted {
  readonly service: Service;
  readonly port: ServicePort;
  readonly routes: L4Routes;
  /** Without routes. */
  readonly own: BytesTarget;
  target(route: TcpRoute): BytesTarget;
}

/** Addresses of its own: virtual ones, or of a headless service each endpoint's. */
function addressesOf(scope: Scope, service: Service, port: ServicePort): readonly string[] {
  if (!service.headless) return service.addresses.filter((address) => !isSubnet(address));
  const all = scope.ask(endpoints, endpointsKey(service, port.number));
  return [...new Set(all.map((e) => e.address))].filter((address) => address !== "" && !address.startsWith("unix:"));
}

/** Of the many services that may share it the oldest stands for all. */
function addHttp(draft: Draft, grpc: boolean, service: Service): void {
  if (draft.http === undefined) draft.origins.add(service.at);
  draft.http = { grpc: grpc || draft.http?.grpc === true };
}

function note(draft: Draft, { service, routes }: Wanted): void {
  for (const at of [service.at, ...routes.origins]) draft.origins.add(at);
}

function addAddress(draft: Draft, wanted: Wanted): void {
  const { port, routes, own } = wanted;
  note(draft, wanted);
  if (port.protocol === "unsupported") addHttp(draft, true, wanted.service);
  const covering = (r: TcpRoute) =>
    r.destinationSubnets.length === 0 || r.destinationSubnets.some((s) => subnetCovers(s, draft.address));
  if (isTls(port.protocol))
    for (const route of routes.tls.filter(covering)) addChain(draft, namesOf(route), [], wanted.target(route));
  const route = routes.tcp.find(covering);
  draft.rest = route === undefined ? own : wanted.target(route);
}

function addWildcard(draft: Draft, wanted: Wanted, subnets: readonly string[], bare: boolean): void {
  const { service, port, routes, own } = wanted;
  note(draft, wanted);
  if (isTls(port.protocol)) {
    // Where others' connections arrive too, a route without names is for the service's own.
    const named = (route: TcpRoute) => (route.sniHosts.length === 0 ? serverNames([service.host]) : namesOf(route));
    for (const route of routes.tls)
      addChain(draft, named(route), wider(route.destinationSubnets, subnets), wanted.target(route));
    if (routes.tls.length > 0) return;
    const [tcp] = routes.tcp;
    const plain = tcp === undefined ? own : wanted.target(tcp);
    addChain(draft, serverNames([service.host]), subnets, plain);
    return;
  }
  if (port.protocol === "unsupported") addHttp(draft, true, wanted.service);
  for (const route of routes.tcp) {
    const among = wider(route.destinationSubnets, subnets);
    if (among.length > 0) addChain(draft, [], among, wanted.target(route));
    else draft.rest ??= wanted.target(route);
  }
  if (subnets.length > 0) addChain(draft, [], subnets, own);
  else if (bare) draft.rest ??= own;
}

/** A route's own subnets in the place of the service's. */
function wider(said: readonly string[], subnets: readonly string[]): readonly string[] {
  return said.length > 0 ? said : subnets;
}

function namesOf(route: TcpRoute): readonly string[] | undefined {
  return serverNames(route.sniHosts);
}

/** What an earlier chain already takes is left to it: a proxy refuses two for the same. */
function addChain(
  draft: Draft,
  names: readonly string[] | undefined,
  subnets: readonly string[],
  to: BytesTarget,
): void {
  if (names === undefined) return;
  for (const subnet of subnets.length === 0 ? [""] : subnets.map(plainSubnet)) {
    const same = draft.chains.filter((c) => (c.subnets[0] ?? "") === subnet);
    const taken = new Set(same.flatMap((c) => (c.serverNames.length === 0 ? [""] : c.serverNames)));
    const free = (names.length === 0 ? [""] : names).filter((name) => !taken.has(name));
    if (free.length === 0) continue;
    draft.chains.push({
      ...to,
      serverNames: free.filter((name) => name !== ""),
      subnets: subnet === "" ? [] : [subnet],
    });
  }
}

function finished({ address, port, bound, table, http, chains, rest, origins }: Draft): OutboundListener {
  // A chain for everything is the rest.
  const all = chains.find((c) => c.serverNames.length === 0 && c.subnets.length === 0);
  const end = all ?? rest;
  return {
    address,
    port,
    ...(bound === undefined ? {} : { bound }),
    ...(table === undefined ? {} : { table }),
    ...(http === undefined ? {} : { http }),
    chains: chains.filter((c) => c !== all),
    ...(end === undefined ? {} : { rest: restOf(end) }),
    origins: [...origins],
  };
}

function restOf({ host, clusters, byName: port }: BytesTarget): BytesTarget {
  return { host, clusters, ...(port === undefined ? {} : { byName: port }) };
}
