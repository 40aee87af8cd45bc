import { networkInterfaces } from "node:os";

/** Whether this machine (or Pod) has IPv6 at all. */
function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === "IPv6"));
}

/** All addresses of this machine, of both families where it has both. */
export function anyAddress(): string {
  return hasIpv6() ? "::" : "0.0.0.0";
}

/** The loopback addresses. */
export function loopback(): readonly string[] {
  return hasIpv6() ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
}
