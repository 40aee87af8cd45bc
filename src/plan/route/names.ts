import { routeName } from "../cluster-name.ts";
import { isHttp, type Protocol } from "../protocol.ts";
import { parseView, type View, viewKey } from "../view.ts";

/** Whether a port of this protocol has a route table: HTTP, and what may turn out to be HTTP. */
export function isRouted(protocol: Protocol): boolean {
  return isHttp(protocol) || protocol === "unsupported";
}

/** Name of the table for hosts that are no service of this port: `80|*`. */
export function catchAllName(port: number): string {
  return routeName(port, "*");
}

/** The key of `outboundRouteKey` and of `outboundRouteTable`. */
export function outboundKey(view: View, port: number, host: string): string {
  return `${port}|${host}|${viewKey(view)}`;
}

/** Parts of such a key. */
export function parseOutboundKey(key: string): { readonly port: number; readonly host: string; readonly view: View } {
  const [port = "", host = ""] = key.split("|", 2);
  return { port: Number(port), host, view: parseView(key.slice(port.length + host.length + 2)) };
}
