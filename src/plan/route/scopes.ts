import type { Step } from "../../track/scope.ts";
import { routeName } from "../cluster-name.ts";
import { visibleServices } from "../registry.ts";
import type { Service } from "../service.ts";
import { parseView } from "../view.ts";
import { catchAllName, isRouted } from "./names.ts";

/** A name that requests carry, and the table that it chooses. */
export interface RouteScope {
  /** Unique in a proxy; the same as the key. */
  readonly name: string;
  /** `port|host`, or of the second look `~port|host`. */
  readonly key: string;
  readonly routeName: string;
}

/** Key of the first look: what the client wrote as Host, without its port. */
export function scopeKey(port: number, alias: string): string {
  return `${port}|${alias}`;
}

/** Key of the second look: the service that the first one found, or `-` (or nothing) for none. */
export function settledScopeKey(port: number, host: string): string {
  return `~${port}|${host}`;
}

/** All scopes of a view. Of two services with the same alias the first counts: a proxy refuses all scopes for one conflict. Key: `viewKey`. */
export const routeScopes: Step<readonly RouteScope[]> = {
  name: "plan/routeScopes",
  run: (scope, key) => {
    const view = parseView(key);
    const services = scope.ask(visibleServices, view.namespace).filter((s) => !s.host.startsWith("*"));
    // Full names first: an ExternalName's or ServiceEntry's host must not lose to another service's short form.
    const looks = services.map((service) => scope.ask(serviceScopes, serviceKey(service, view.namespace)));
    const taken = new Map<string, RouteScope>();
    for (const rank of ["full", "short"] as const)
      for (const look of looks) for (const found of look[rank]) if (!taken.has(found.key)) taken.set(found.key, found);
    return [...taken.values(), ...scope.ask(routedPorts, view.namespace).flatMap(catchAllScopes)];
  },
};

/** Ports that have route tables in a namespace, sorted. Key: namespace. */
export const routedPorts: Step<readonly number[]> = {
  name: "plan/routedPorts",
  run: (scope, namespace) => {
    const ports = scope.ask(visibleServices, namespace).flatMap((s) => s.ports.filter((p) => isRouted(p.protocol)));
    return [...new Set(ports.map((p) => p.number))].sort((a, b) => a - b);
  },
};

function catchAllScopes(port: number): readonly RouteScope[] {
  return ["", "-"].map((nothing) => routeScope(settledScopeKey(port, nothing), catchAllName(port)));
}

interface ServiceLook {
  readonly host: string;
  /** Absent where no short names are known. */
  readonly name?: string;
  readonly namespace: string;
  /** The client is in the service's namespace. */
  readonly local: boolean;
  readonly ports: readonly number[];
  readonly addresses: readonly string[];
}

function serviceKey(service: Service, viewer: string): string {
  const { host, namespace, name, kind, addresses, ports } = service;
  const look: ServiceLook = {
    host,
    ...(kind === "Service" && host.startsWith(`${name}.${namespace}.svc.`) ? { name } : {}),
    namespace,
    local: namespace === viewer,
    ports: ports.filter((p) => isRouted(p.protocol)).map((p) => p.number),
    addresses: addresses.filter((a) => !a.includes(":") && !a.includes("/")),
  };
  return JSON.stringify(look);
}

/** Scopes of one service, shared by all views that see it so. Key: JSON of `ServiceLook`. */
const serviceScopes: Step<{ readonly full: readonly RouteScope[]; readonly short: readonly RouteScope[] }> = {
  name: "plan/serviceScopes",
  run: (_scope, key) => {
    const look = JSON.parse(key) as ServiceLook;
    const { host, name, namespace } = look;
    const short = name === undefined ? [] : [`${name}.${namespace}`, `${name}.${namespace}.svc`];
    if (name !== undefined && look.local) short.push(name);
    const scopes = (port: number, aliases: readonly string[]) =>
      aliases.map((alias) => routeScope(scopeKey(port, alias), routeName(port, host)));
    return {
      full: look.ports.flatMap((port) => [
        routeScope(settledScopeKey(port, host), routeName(port, host)),
        // Absolute names end in a dot.
        ...scopes(port, [host, `${host}.`]),
      ]),
      short: look.ports.flatMap((port) => scopes(port, [...short, ...look.addresses])),
    };
  },
};

function routeScope(key: string, name: string): RouteScope {
  return { name: key, key, routeName: name };
}
