import { queryOptions } from "@tanstack/react-query";
import type { ConfigType, ProxyConfigDump } from "../../../src/api/contract/proxy-config.ts";
import { get } from "../api/client.ts";

/** What a proxy was sent, or what its Envoy says that it has. Not asked again by itself: it may be large. */
export function proxyConfigQuery(proxy: string, type: ConfigType, source: "sent" | "envoy") {
  return queryOptions({
    queryKey: ["workloads", "proxy-config", proxy, type, source],
    queryFn: ({ signal }) =>
      get<ProxyConfigDump>(`proxies/${encodeURIComponent(proxy)}/config/${type}?source=${source}`, signal),
    staleTime: 5000,
    refetchInterval: false,
  });
}
