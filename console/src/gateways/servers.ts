import type { GatewayItem } from "../../../src/api/contract/inventory.ts";

/** Every host that a gateway opens, once. */
export function hostsOf({ servers }: Pick<GatewayItem, "servers">): readonly string[] {
  return [...new Set(servers.flatMap((s) => s.hosts))];
}

/** Its ports in order, once each. */
export function portsOf({ servers }: Pick<GatewayItem, "servers">): readonly number[] {
  return [...new Set(servers.map((s) => s.port))].toSorted((a, b) => a - b);
}

/** When the first certificate that it shows ends. */
export function firstToEnd({ servers }: Pick<GatewayItem, "servers">): number | undefined {
  const ends = servers.flatMap((s) => s.expiresAt ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
