import { fullHost } from "../../model/full-host.ts";
import { kindOf, type Resource } from "../../model/resource.ts";
import { all, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { ObjectRef } from "../contract/inventory.ts";

export function refOf({ type, namespace, name, origin }: Resource): ObjectRef {
  return { type, kind: kindOf(type), namespace, name, at: origin.at };
}

interface Routed {
  readonly hosts?: readonly string[];
  readonly host?: string;
  readonly http?: readonly { readonly route?: readonly Destination[]; readonly mirror?: { readonly host?: string } }[];
  readonly tcp?: readonly { readonly route?: readonly Destination[] }[];
  readonly tls?: readonly { readonly route?: readonly Destination[] }[];
}

interface Destination {
  readonly destination?: { readonly host?: string };
}

interface Attached {
  readonly parentRefs?: readonly { readonly kind?: string; readonly name?: string; readonly namespace?: string }[];
  readonly rules?: readonly {
    readonly backendRefs?: readonly { readonly kind?: string; readonly name?: string; readonly namespace?: string }[];
  }[];
}

const routes = [types.HttpRoute, types.GrpcRoute, types.TcpRoute, types.TlsRoute, types.UdpRoute];

/** Host → objects that change what its callers get: those that name it as a host, and those that lead there. */
export function objectsByHost(snapshot: Snapshot, domain: string): ReadonlyMap<string, readonly ObjectRef[]> {
  const found = new Map<string, Map<string, ObjectRef>>();
  const add = (host: string, object: Resource) => {
    const full = fullHost(host, object.namespace, domain).toLowerCase();
    const known = found.get(full) ?? new Map<string, ObjectRef>();
    known.set(`${object.type} ${object.namespace}/${object.name}`, refOf(object));
    found.set(full, known);
  };
  for (const object of all(snapshot, types.VirtualService))
    for (const host of hostsOfVirtualService(object.spec as Routed)) add(host, object);
  for (const object of all(snapshot, types.DestinationRule)) add((object.spec as Routed).host ?? "", object);
  for (const object of routes.flatMap((type) => all(snapshot, type))) {
    for (const { name = "", namespace } of servicesOfRoute(object.spec as Attached))
      add(`${name}.${namespace ?? object.namespace}.svc.${domain}`, object);
  }
  return new Map([...found].map(([host, objects]) => [host, [...objects.values()]]));
}

function hostsOfVirtualService({ hosts = [], http = [], tcp = [], tls = [] }: Routed): readonly string[] {
  const destinations = [...http, ...tcp, ...tls].flatMap((rule) => rule.route ?? []);
  return [
    ...hosts,
    ...destinations.flatMap(({ destination }) => destination?.host ?? []),
    ...http.flatMap(({ mirror }) => mirror?.host ?? []),
  ];
}

function servicesOfRoute({ parentRefs = [], rules = [] }: Attached) {
  const backends = rules.flatMap((rule) => rule.backendRefs ?? []);
  return [
    ...parentRefs.filter(({ kind }) => kind === "Service"),
    ...backends.filter(({ kind = "Service" }) => kind === "Service"),
  ];
}
