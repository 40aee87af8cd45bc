import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";

/** Where a share of a route's requests goes. */
export interface Share {
  /** As written. */
  readonly host: string;
  readonly subset?: string;
  /** Percent. */
  readonly weight: number;
}

interface Weighted {
  readonly destination?: { readonly host?: string; readonly subset?: string };
  readonly weight?: number;
}

/** The shares of each route of a VirtualService: HTTP, TLS and TCP. A redirect or a direct response has none. */
export function destinationsOf({ http = [], tls = [], tcp = [] }: VirtualServiceSpec): readonly (readonly Share[])[] {
  return [...http, ...tls, ...tcp]
    .map(({ route = [] }) => shares(route as readonly Weighted[]))
    .filter((route) => route.length > 0);
}

function shares(route: readonly Weighted[]): readonly Share[] {
  const total = route.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return route.map(({ destination = {}, weight = 0 }) => ({
    host: destination.host ?? "",
    weight: total === 0 ? Math.round(100 / route.length) : Math.round((weight * 100) / total),
    ...(destination.subset === undefined || destination.subset === "" ? {} : { subset: destination.subset }),
  }));
}
