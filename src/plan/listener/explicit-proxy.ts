import type { Scope, Step } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { usable } from "../endpoint.ts";
import { type OutboundPolicy, outboundPolicy } from "../outbound-policy.ts";
import { isHttp } from "../protocol.ts";
import { endpoints, endpointsKey } from "../registry/endpoints.ts";
import { visibleServices } from "../registry.ts";
import type { Service, ServicePort } from "../service.ts";
import { fullNames, shortNames, withPort } from "../service-names.ts";
import { parseView, viewerOf } from "../view.ts";
import { type OutboundListener, outboundListeners } from "./outbound.ts";
import { isSubnet } from "./subnet.ts";

/**
 * What a proxy does that its application asks (HTTP_PROXY) instead of being captured. It resolves the name as the mesh's resolver would,
 * and hands the connection to the listener that would have captured it.
 */
export interface ExplicitProxy {
  readonly targets: readonly ExplicitTarget[];
  readonly ways: readonly Way[];
  /** Ports with HTTP of any name, and the way to each: for names that no target has. */
  readonly ports: readonly { readonly port: number; readonly way: string }[];
  readonly policy: OutboundPolicy;
}

/** Names of one port of a service, as they stand in a request: `reviews:9080`, `reviews.default:9080`. No name is in two targets. */
export interface ExplicitTarget {
  readonly names: readonly string[];
  /** Name of a way, or of a cluster that resolves by itself what was called. */
  readonly to: string;
}

/** A cluster that leads to listeners of the same proxy. */
export interface Way {
  readonly name: string;
  readonly ends: readonly WayEnd[];
}

export interface WayEnd {
  readonly listener: string;
  /** `IP:port` that the client would have called; absent where no listener asks for it. */
  readonly called?: string;
}

/** Key: `viewKey`. */
export const explicitProxy: Step<ExplicitProxy> = {
  name: "plan/explicitProxy",
  run: (scope, key) => {
    const view = parseView(key);
    const { namespace } = view;
    const listeners = scope.ask(outboundListeners, key);
    const services = scope.ask(visibleServices, viewerOf(view));
    const dialed = services.flatMap((service) =>
      service.ports
        .filter((port) => port.protocol !== "udp")
        .flatMap((port) => dial(scope, listeners, service, port, service.namespace === namespace)),
    );
    const open = [...listeners.values()].filter((l) => l.address === wildcard && l.http !== undefined);
    const ports = open.map(({ port }) => ({ port, way: wayTo(wildcardAt(port)) }));
    const shared = ports.map(({ port, way }) => ({ name: way, ends: [{ listener: wildcardAt(port) }] }));
    const ways = new Map([...shared, ...dialed.flatMap((d) => d.way ?? [])].map((way) => [way.name, way]));
    return {
      targets: withoutTwice(dialed),
      ways: [...ways.values()],
      ports,
      policy: scope.ask(outboundPolicy, key),
    };
  },
};

/** One way to call a service's port; `full` names count before the short ones of others. */
interface Dialed {
  readonly full: readonly string[];
  readonly short: readonly string[];
  readonly to: string;
  readonly way?: Way;
}

const wildcard = "0.0.0.0";
const wildcardAt = (port: number) => `${wildcard}_${port}`;
const wayTo = (what: string) => `loopback|${what}`;

function dial(
  scope: Scope,
  listeners: ReadonlyMap<string, OutboundListener>,
  service: Service,
  port: ServicePort,
  local: boolean,
): readonly Dialed[] {
  const at = (name: string) => withPort(name, port.number);
  const names = { full: fullNames(service).flatMap(at), short: shortNames(service, local).flatMap(at) };
  const http = isHttp(port.protocol);
  // Other wildcards are told apart behind their port's listener.
  if (http && !service.headless)
    return service.host.startsWith("*") || !listeners.has(wildcardAt(port.number))
      ? []
      : [{ ...names, to: wayTo(wildcardAt(port.number)) }];
  if (service.resolution === "none" || service.resolution === "dynamic-dns")
    return [{ ...names, to: clusterName("outbound", port.number, "", service.host) }];
  if (service.headless) return headless(scope, listeners, service, port, names, local);
  const ends = service.addresses.filter((a) => !isSubnet(a)).flatMap((a) => end(listeners, a, port.number));
  const bare = ends.length === 0 && listeners.has(wildcardAt(port.number));
  const found = bare ? [{ listener: wildcardAt(port.number) }] : ends.slice(0, 1);
  if (found.length === 0) return [];
  const way = { name: wayTo(`${port.number}||${service.host}`), ends: found };
  return [{ ...names, to: way.name, way }];
}

/** Its name stands for all its endpoints, the name of each Pod for that one. */
function headless(
  scope: Scope,
  listeners: ReadonlyMap<string, OutboundListener>,
  { host, ...service }: Service,
  port: ServicePort,
  names: Pick<Dialed, "full" | "short">,
  local: boolean,
): readonly Dialed[] {
  const all = usable(scope.ask(endpoints, endpointsKey({ host, ...service }, port.number)));
  const endOf = (e: (typeof all)[number]) => end(listeners, e.address, port.number);
  const way = { name: wayTo(`${port.number}||${host}`), ends: all.flatMap(endOf) };
  const pods = all.flatMap((e) => {
    const ends = endOf(e);
    const { instance } = e.workload;
    if (instance === "" || ends.length === 0) return [];
    const own = { name: wayTo(`${port.number}||${instance}.${host}`), ends };
    const full = withPort(`${instance}.${host}`, port.number);
    const short = shortNames({ host, ...service }, local).flatMap((n) => withPort(`${instance}.${n}`, port.number));
    return [{ full, short, to: own.name, way: own }];
  });
  return [...(way.ends.length === 0 ? [] : [{ ...names, to: way.name, way }]), ...pods];
}

/** The listener that would capture a call of an address. */
function end(listeners: ReadonlyMap<string, OutboundListener>, address: string, port: number): readonly WayEnd[] {
  const listener = [`${address}_${port}`, wildcardAt(port)].find((name) => listeners.has(name));
  const shown = address.includes(":") ? `[${address}]` : address;
  return listener === undefined ? [] : [{ listener, called: `${shown}:${port}` }];
}

function withoutTwice(dialed: readonly Dialed[]): readonly ExplicitTarget[] {
  const taken = new Set<string>();
  const names = new Map<string, string[]>();
  for (const rank of ["full", "short"] as const)
    for (const { to, [rank]: said } of dialed) {
      const free = said.filter((name) => !taken.has(name));
      for (const name of free) taken.add(name);
      if (free.length > 0) names.set(to, [...(names.get(to) ?? []), ...free]);
    }
  return [...names].map(([to, own]) => ({ to, names: own }));
}
