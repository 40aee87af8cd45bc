import type { MeshState } from "./state.ts";

/** The domain of services: `cluster.local`, where no proxy says another. */
export function domainOf(state: MeshState): string {
  const [first] = state.proxies();
  return /\.svc\.(.+)$/.exec(first?.proxy.dnsDomain ?? "")?.[1] ?? "cluster.local";
}
