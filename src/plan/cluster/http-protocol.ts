import type { ConnectionPoolSettings } from "../../gen/istio/destination-rule.ts";
import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import { passesUnread, type Unread } from "../listener/unread.ts";
import { isHttp, isHttp2, type Protocol } from "../protocol.ts";
import type { View } from "../view.ts";

/** What HTTP a cluster speaks: none, that one, or what the client spoke. */
export type HttpProtocol = "tcp" | "http1" | "http2" | "client";

/** What HTTP a cluster speaks, and which of it its servers' proxies pass on without reading it. */
interface HttpWay {
  readonly http: HttpProtocol;
  readonly unread?: "http1" | "http2";
}

/** What decides which HTTP a cluster speaks. */
interface Spoken {
  readonly protocol: Protocol;
  readonly pool: ConnectionPoolSettings | undefined;
  readonly mesh: MeshConfigSpec;
  /** Every endpoint of the service is behind a sidecar that takes HTTP/2 whatever the application speaks. */
  readonly peers: boolean;
  readonly kind: View["kind"];
}

/**
 * What HTTP a cluster speaks, and whether its servers' proxies need not read it: where they can pass it on as it is, it is what the application speaks
 * (docs/adr/0014). `passed`: what all of the service's endpoints pass so; absent where one is no peer.
 */
export function httpWay(spoken: Spoken, passed: Unread | undefined): HttpWay {
  const { protocol, pool } = spoken;
  const usual = httpProtocol(spoken);
  if (passed === undefined || !passesUnread(passed, protocol)) return { http: usual };
  if (isHttp2(protocol)) return usual === "http2" ? { http: usual, unread: "http2" } : { http: usual };
  const asApplication = httpProtocol({ ...spoken, peers: false });
  // Settings that only HTTP/2 has must stay in force.
  return asApplication === "http1" && !setsHttp2(pool) ? { http: "http1", unread: "http1" } : { http: usual };
}

/**
 * HTTP between two sidecars (`peers`) is HTTP/2: one connection carries all.
 * Envoy refuses to negotiate it by ALPN where one endpoint may be plain text, so a service with such an endpoint keeps HTTP/1.1. A limit that counts HTTP/1.1's
 * connections or its queue keeps HTTP/1.1 too, as it would mean something else. On a port that is sniffed the server's sidecar cannot know what its
 * application speaks, so the client's protocol stays; but nothing is sniffed at a gateway, whose clients choose their protocol for the gateway alone.
 */
function httpProtocol({ protocol, pool, mesh, peers, kind }: Spoken): HttpProtocol {
  const upgrade = pool?.http?.h2UpgradePolicy ?? "DEFAULT";
  if (pool?.http?.useClientProtocol === true) return "client";
  if (isHttp2(protocol) || upgrade === "UPGRADE") return "http2";
  if (protocol === "unsupported") return kind === "router" ? "http1" : "client";
  if (!isHttp(protocol)) return "tcp";
  if (upgrade === "DO_NOT_UPGRADE" || mesh.h2UpgradePolicy === "DO_NOT_UPGRADE") return "http1";
  if (mesh.h2UpgradePolicy === "UPGRADE") return "http2";
  return peers && !countsConnections(pool) ? "http2" : "http1";
}

function setsHttp2(pool: ConnectionPoolSettings | undefined): boolean {
  return (pool?.http?.maxConcurrentStreams ?? 0) > 0 || pool?.http?.http2KeepAlive !== undefined;
}

function countsConnections(pool: ConnectionPoolSettings | undefined): boolean {
  return (pool?.tcp?.maxConnections ?? 0) > 0 || (pool?.http?.http1MaxPendingRequests ?? 0) > 0;
}
