import { isIP } from "node:net";
import type { Discovery } from "../discovery/discovery.ts";
import { specialName } from "../fetch/address.ts";
import type { Target } from "../telemetry/scraper.ts";

/** Never a proxy's, but a machine's or a cloud's own. */
const never = ["unspecified", "loopback", "link-local", "where a cloud keeps", "multicast"];

/** Whose metrics are read: proxies' that are connected here, as far as their addresses are such as a proxy can have. */
export function scrapeTargets(discovery: Pick<Discovery, "proxies">): readonly Target[] {
  return discovery.proxies().flatMap(({ proxy, session }) => {
    const [address] = proxy.ips;
    if (address === undefined || session.protocol.service !== "ads") return [];
    if (!mayBeAsked(address, hostOf(session.remoteAddress))) return [];
    return [{ proxyId: proxy.id, pod: proxy.name, namespace: proxy.namespace, address }];
  });
}

/**
 * Whether the control plane may be sent to an address that a proxy says it has (SSRF): not a name, nor what leads to this machine's or a cloud's
 * own services, unless the proxy's connection comes from this machine, too.
 */
export function mayBeAsked(address: string, from: string): boolean {
  if (isIP(address) === 0) return false;
  const name = specialName(address) ?? "";
  if (name.startsWith("loopback")) return specialName(from)?.startsWith("loopback") === true;
  return !never.some((one) => name.startsWith(one));
}

/** Without the port: `10.0.0.1:5000`, `::1:5000`. */
function hostOf(remoteAddress: string): string {
  return remoteAddress.slice(0, remoteAddress.lastIndexOf(":"));
}
