import type { ConnectionPoolSettings } from "../../gen/istio/destination-rule.ts";
import type { MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import { isHttp, isHttp2, type Protocol } from "../protocol.ts";
import type { View } from "../view.ts";

/** What HTTP a cluster speaks: none, that one, or what the client spoke. */
export type HttpProtocol = "tcp" | "http1" | "http2" | "client";

/**
 * HTTP between two sidecars (`peers`: every endpoint of the service is behind one) is HTTP/2 whatever the application speaks: one connection carries all.
 * Envoy refuses to negotiate it by ALPN where one endpoint may be plain text, so a service with such an endpoint keeps HTTP/1.1. A limit that counts HTTP/1.1's
 * connections or its queue keeps HTTP/1.1 too, as it would mean something else. On a port that is sniffed the server's sidecar cannot know what its
 * application speaks, so the client's protocol stays; but nothing is sniffed at a gateway, whose clients choose their protocol for the gateway alone.
 */
export function httpProtocol(
  protocol: Protocol,
  pool: ConnectionPoolSettings | undefined,
  mesh: MeshConfigSpec,
  peers: boolean,
  kind: View["kind"],
): HttpProtocol {
  const upgrade = pool?.http?.h2UpgradePolicy ?? "DEFAULT";
  if (pool?.http?.useClientProtocol === true) return "client";
  if (isHttp2(protocol) || upgrade === "UPGRADE") return "http2";
  if (protocol === "unsupported") return kind === "router" ? "http1" : "client";
  if (!isHttp(protocol)) return "tcp";
  if (upgrade === "DO_NOT_UPGRADE" || mesh.h2UpgradePolicy === "DO_NOT_UPGRADE") return "http1";
  if (mesh.h2UpgradePolicy === "UPGRADE") return "http2";
  return peers && !countsConnections(pool) ? "http2" : "http1";
}

function countsConnections(pool: ConnectionPoolSettings | undefined): boolean {
  return (pool?.tcp?.maxConnections ?? 0) > 0 || (pool?.http?.http1MaxPendingRequests ?? 0) > 0;
}
