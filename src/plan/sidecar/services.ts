import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { isHttp } from "../protocol.ts";
import { byAge, seenFrom, servicesIn, servicesNamed } from "../registry/service-index.ts";
import { exportedTo } from "../registry/visibility.ts";
import { virtualServiceMentions } from "../route/mentions.ts";
import { meshEntriesIn } from "../route/selection.ts";
import type { Service } from "../service.ts";
import { parseViewer } from "../view.ts";
import { type Egress, egressListeners, sidecarSpec, takesService, takesVirtualService } from "./egress.ts";

/**
 * The services that a viewer's Sidecar takes in, one for each host: those that its listeners name, where VirtualServices that they name
 * lead, and its egress proxy.
 * A listener with a port takes in that port alone. It reads only the namespaces that are named, so that an edit elsewhere is not its concern.
 * Source: istio.io/latest/docs/reference/config/networking/sidecar#IstioEgressListener
 */
export function narrowedServices(scope: Scope, viewer: string): readonly Service[] {
  const { namespace, sidecar } = parseViewer(viewer);
  const listeners = scope.ask(egressListeners, viewer);
  const found = new Map<string, Service>();
  const add = (service: Service | undefined) => {
    if (service === undefined || service.ports.length === 0) return;
    const before = found.get(service.host);
    if (before === undefined) found.set(service.host, service);
    else if (before.namespace === service.namespace) found.set(service.host, withPorts(before, service));
  };
  for (const listener of listeners) {
    const own = (service: Service | undefined) => service && trimmed(service, listener, listeners);
    for (const service of named(scope, namespace, listener)) add(own(service));
    for (const host of ledTo(scope, namespace, listener)) add(own(seenAs(scope, namespace, host)));
  }
  const proxy = scope.ask(sidecarSpec, sidecar ?? "")?.outboundTrafficPolicy?.egressProxy?.host;
  if (proxy !== undefined) add(seenAs(scope, namespace, proxy.toLowerCase()));
  // What a name stands for goes with the name.
  for (const { alias } of found.values()) if (alias !== undefined) add(seenAs(scope, namespace, alias.toLowerCase()));
  return [...found.values()];
}

function seenAs(scope: Scope, namespace: string, host: string): Service | undefined {
  return seenFrom(scope.ask(servicesNamed, host), namespace);
}

/** Services that a listener names, one for each host. */
function named(scope: Scope, viewer: string, listener: Egress): readonly Service[] {
  const byHost = new Map<string, Service[]>();
  for (const namespace of namespacesOf(scope, listener, [types.Service, types.ServiceEntry]))
    for (const service of scope.ask(servicesIn, namespace)) {
      if (!takesService(listener, namespace, service.host)) continue;
      const same = byHost.get(service.host);
      if (same === undefined) byHost.set(service.host, [service]);
      else same.push(service);
    }
  return [...byHost.values()].flatMap((services) => seenFrom(services.sort(byAge), viewer) ?? []);
}

/** Hosts that the VirtualServices lead to which a listener names. */
function ledTo(scope: Scope, viewer: string, listener: Egress): readonly string[] {
  const hosts = namespacesOf(scope, listener, [types.VirtualService, types.HttpRoute, types.GrpcRoute]).flatMap(
    (namespace) =>
      scope
        .ask(meshEntriesIn, namespace)
        .filter((e) => exportedTo(e.exportTo, namespace, viewer))
        .filter((e) => takesVirtualService(listener, namespace, e.hosts))
        .flatMap((e) => scope.ask(virtualServiceMentions, e.key).destinations.map((d) => d.host)),
  );
  return [...new Set(hosts)];
}

function namespacesOf(scope: Scope, { hosts }: Egress, kinds: readonly string[]): readonly string[] {
  if (hosts["*"] === undefined) return Object.keys(hosts).sort();
  return [...new Set(kinds.flatMap((kind) => scope.namespaces(kind)))].sort();
}

/** The ports of a service that a listener carries: its own in its protocol, or all that no other listener has. */
function trimmed(service: Service, { port, proxy }: Egress, listeners: readonly Egress[]): Service {
  if (port === undefined) {
    const taken = listeners.flatMap((l) =>
      l.port !== undefined && !l.proxy && isHttp(l.port.protocol) ? [l.port.number] : [],
    );
    const free = service.ports.filter((p) => !isHttp(p.protocol) || !taken.includes(p.number));
    return free.length === service.ports.length ? service : { ...service, ports: free };
  }
  if (port.number === 0 || proxy) return service;
  const { number, protocol } = port;
  return { ...service, ports: service.ports.filter((p) => p.number === number).map((p) => ({ ...p, protocol })) };
}

function withPorts(before: Service, more: Service): Service {
  const known = new Set(before.ports.map((p) => p.number));
  const added = more.ports.filter((p) => !known.has(p.number));
  return added.length === 0 ? before : { ...before, ports: [...before.ports, ...added] };
}
