import type { ConnectionPoolSettings } from "../../../gen/istio/destination-rule.ts";
import type { Findings } from "../finding.ts";
import { checkDuration, parseDuration } from "../values.ts";

const httpCounts = [
  ["http1MaxPendingRequests", "http1 max pending requests"],
  ["http2MaxRequests", "http2 max requests"],
  ["maxRequestsPerConnection", "max requests per connection"],
  ["maxRetries", "max retries"],
  ["maxConcurrentStreams", "max concurrent streams"],
] as const;

/** Checks a connection pool. */
export function checkConnectionPool({ http, tcp }: ConnectionPoolSettings, found: Findings): void {
  if (http === undefined && tcp === undefined) {
    found.error("connection pool must have at least one field", "write http or tcp, or remove it");
    return;
  }
  if (http) checkHttp(http, found.at("http"));
  if (tcp) checkTcp(tcp, found.at("tcp"));
}

function checkHttp(http: NonNullable<ConnectionPoolSettings["http"]>, found: Findings): void {
  for (const [field, name] of httpCounts) {
    if ((http[field] ?? 0) < 0) found.at(field).error(`${name} must be non-negative`, "write 0 or more");
  }
  checkDuration(http.idleTimeout, found.at("idleTimeout"));
  const ping = http.http2KeepAlive;
  for (const field of ping ? (["interval", "timeout"] as const) : []) {
    const at = found.at("http2KeepAlive", field);
    if (ping?.[field] === undefined) at.error(`http2KeepAlive ${field} is required`, 'write for example "15s"');
    else checkDuration(ping[field], at);
  }
  if (http.h2UpgradePolicy === "UPGRADE" && http.useClientProtocol) {
    found
      .at("useClientProtocol")
      .error("use client protocol must not be true when H2UpgradePolicy is UPGRADE", "remove one of the two");
  }
}

function checkTcp(tcp: NonNullable<ConnectionPoolSettings["tcp"]>, found: Findings): void {
  if ((tcp.maxConnections ?? 0) < 0)
    found.at("maxConnections").error("max connections must be non-negative", "write 0 or more");
  checkDuration(tcp.connectTimeout, found.at("connectTimeout"));
  checkDuration(tcp.maxConnectionDuration, found.at("maxConnectionDuration"));
  // Zero switches the timeout off.
  if (tcp.idleTimeout !== undefined && Math.trunc((parseDuration(tcp.idleTimeout) ?? 1e6) / 1e6) !== 0) {
    checkDuration(tcp.idleTimeout, found.at("idleTimeout"));
  }
  checkDuration(tcp.tcpKeepalive?.time, found.at("tcpKeepalive", "time"));
  checkDuration(tcp.tcpKeepalive?.interval, found.at("tcpKeepalive", "interval"));
}
