/** Names by which patches know filters that are called otherwise here: Envoy's former names, and those of filters that come by discovery. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  "envoy.filters.network.http_connection_manager": ["envoy.http_connection_manager"],
  "envoy.filters.network.tcp_proxy": ["envoy.tcp_proxy"],
  "envoy.filters.http.router": ["envoy.router"],
  "envoy.filters.http.cors": ["envoy.cors"],
  "envoy.filters.http.fault": ["envoy.fault"],
  "authorization-http": ["envoy.filters.http.rbac", "envoy.filters.http.ext_authz"],
  "authorization-audit-tcp": ["envoy.filters.network.rbac"],
  "authorization-deny-tcp": ["envoy.filters.network.rbac"],
  "authorization-allow-tcp": ["envoy.filters.network.rbac"],
};

/** Whether a filter is the one that a patch names. */
export function isNamed({ name }: { readonly name: string }, wanted: string): boolean {
  return name === wanted || (Object.hasOwn(otherNames, name) && otherNames[name]?.includes(wanted) === true);
}

/** Filters of Istio's own proxy that stock Envoy lacks (or that have nothing to do here), and what they stand before: the first that is there. */
interface Stand {
  readonly name: string;
  readonly before: readonly string[];
}

const authorization = ["authorization-http", "authorization-audit-tcp"];
const end = [
  "envoy.filters.http.router",
  "envoy.filters.network.tcp_proxy",
  "envoy.filters.network.http_connection_manager",
];
const routed = [
  "envoy.filters.http.cors",
  "envoy.filters.http.fault",
  "envoy.filters.http.dynamic_forward_proxy",
  ...end,
];

export const httpStands: readonly Stand[] = [
  { name: "istio.metadata_exchange", before: ["envoy.filters.http.jwt_authn", ...authorization, ...routed] },
  { name: "envoy.filters.http.jwt_authn", before: [...authorization, ...routed] },
  { name: "istio_authn", before: [...authorization, ...routed] },
  { name: "envoy.filters.http.rbac", before: routed },
  { name: "envoy.filters.http.grpc_stats", before: routed },
  { name: "istio.alpn", before: routed },
  { name: "envoy.filters.http.fault", before: ["envoy.filters.http.cors", ...end] },
  { name: "envoy.filters.http.cors", before: end },
  { name: "istio.stats", before: end },
];

export const networkStands: readonly Stand[] = [
  { name: "istio.metadata_exchange", before: [...authorization, ...end] },
  { name: "istio_authn", before: [...authorization, ...end] },
  { name: "envoy.filters.network.rbac", before: end },
  { name: "istio.stats", before: end },
];

/** Filters with stand-ins for those that are not there; `without` takes them out again. */
export interface Anchored<T> {
  readonly filters: readonly T[];
  isStand(filter: T): boolean;
  without(filters: readonly T[]): T[];
}

/** A patch may be anchored to a filter that does not run here: something of its name stands where it would. */
export function withStands<T extends { readonly name: string }>(
  filters: readonly T[],
  stands: readonly Stand[],
  make: (name: string) => T,
): Anchored<T> {
  const made = new Set<T>();
  let all = filters;
  for (const { name, before } of stands) {
    if (all.some((f) => isNamed(f, name))) continue;
    const at = all.findIndex((f) => before.includes(f.name));
    const stand = make(name);
    made.add(stand);
    all = all.toSpliced(at < 0 ? all.length : at, 0, stand);
  }
  return {
    filters: all,
    isStand: (filter) => made.has(filter),
    without: (patched) => patched.filter((f) => !made.has(f)),
  };
}
