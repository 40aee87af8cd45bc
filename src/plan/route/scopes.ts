import type { Step } from "../../track/scope.ts";
import { routeName } from "../cluster-name.ts";
import { visibleServices } from "../registry.ts";
import type { Service } from "../service.ts";
import { egressListeners } from "../sidecar/egress.ts";
import { parseView, viewerOf } from "../view.ts";
import { catchAllName, isRouted } from "./names.ts";
import { namespaceAudience, ownersSeenBy, visibleByOwner } from "./outbound.ts";

/** A name that requests carry, and the table that it chooses. */
export interface RouteScope {
  /** Unique in a proxy; the same as the key. */
  readonly name: string;
  /** `port|host`, or of the second look `~port|host`. */
  readonly key: string;
  readonly routeName: string;
}

/** Key of the first look: what the client wrote as Host, without its port. */
function scopeKey(port: number, alias: string): string {
  return `${port}|${alias}`;
}

/** Key of the second look: the service that the first one found, or `-` (or nothing) for none. */
function settledScopeKey(port: number, host: string): string {
  return `~${port}|${host}`;
}

/**
 * The groups of scopes of a view, as keys of `scopeGroup`; views share groups. Of two scopes with one key the one in the earlier group counts (a
 * proxy refuses all scopes for one conflict): full names come first, as a ServiceEntry's host must not lose to another service's short form.
 * Key: `viewKey`.
 */
export const scopeGroups: Step<readonly string[]> = {
  name: "plan/scopeGroups",
  run: (scope, key) => {
    const view = parseView(key);
    const [{ namespace }, viewer] = [view, viewerOf(view)];
    const groups = ownersSeenBy(scope, view).map((owner) => {
      const special = viewer !== namespace || scope.ask(namespaceAudience, owner).namespaces.includes(namespace);
      return `${owner}|${special ? viewer : ""}|${owner === namespace ? "local" : ""}`;
    });
    const ports = scope.ask(routedPorts, viewer).map((port) => `port|${port}`);
    return [...groups.map((group) => `full|${group}`), ...groups.map((group) => `short|${group}`), ...ports];
  },
};

/** Scopes of a namespace's services, or of a port's catch-all. Key: an answer of `scopeGroups`. */
export const scopeGroup: Step<readonly RouteScope[]> = {
  name: "plan/scopeGroup",
  run: (scope, key) => {
    const [rank, owner = "", viewer = "", local] = key.split("|");
    if (rank === "port") return catchAllScopes(Number(owner));
    const services = scope.ask(visibleByOwner, viewer).get(owner) ?? [];
    const named = services.filter((service) => !service.host.startsWith("*"));
    return named.flatMap((service) =>
      rank === "full" ? fullScopes(service) : shortScopes(service, local === "local"),
    );
  },
};

/** All scopes of a view, each key once. Key: `viewKey`. */
export const routeScopes: Step<readonly RouteScope[]> = {
  name: "plan/routeScopes",
  run: (scope, key) => {
    const taken = new Map<string, RouteScope>();
    for (const group of scope.ask(scopeGroups, key))
      for (const found of scope.ask(scopeGroup, group)) if (!taken.has(found.key)) taken.set(found.key, found);
    return [...taken.values()];
  },
};

/** Ports that have route tables for a viewer, sorted. Key: `viewerOf`. */
export const routedPorts: Step<readonly number[]> = {
  name: "plan/routedPorts",
  run: (scope, viewer) => {
    const said = scope
      .ask(egressListeners, viewer)
      .flatMap(({ port }) => (port && isRouted(port.protocol) ? [port] : []));
    const all = [...scope.ask(visibleServices, viewer).flatMap(ports), ...said.map((p) => p.number)];
    return [...new Set(all)].filter((port) => port > 0).sort((a, b) => a - b);
  },
};

function ports(service: Service): readonly number[] {
  return service.ports.filter((p) => isRouted(p.protocol)).map((p) => p.number);
}

function catchAllScopes(port: number): readonly RouteScope[] {
  return ["", "-"].map((nothing) => routeScope(settledScopeKey(port, nothing), catchAllName(port)));
}

function fullScopes(service: Service): readonly RouteScope[] {
  const { host } = service;
  return ports(service).flatMap((port) =>
    // Absolute names end in a dot.
    [settledScopeKey(port, host), scopeKey(port, host), scopeKey(port, `${host}.`)].map((key) =>
      routeScope(key, routeName(port, host)),
    ),
  );
}

/** Names that the resolver of a Pod makes full, and addresses; an IPv6 address is no key (it has colons): see catch-all.ts. */
function shortScopes(service: Service, local: boolean): readonly RouteScope[] {
  const { host, name, namespace, kind, addresses } = service;
  const short = kind === "Service" && host.startsWith(`${name}.${namespace}.svc.`);
  const aliases = [
    ...(short ? [`${name}.${namespace}`, `${name}.${namespace}.svc`, ...(local ? [name] : [])] : []),
    ...addresses.filter((a) => !a.includes(":") && !a.includes("/")),
  ];
  return ports(service).flatMap((port) =>
    aliases.map((alias) => routeScope(scopeKey(port, alias), routeName(port, host))),
  );
}

function routeScope(key: string, name: string): RouteScope {
  return { name: key, key, routeName: name };
}
