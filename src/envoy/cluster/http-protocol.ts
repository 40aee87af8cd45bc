import { create } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { Http2ProtocolOptionsSchema } from "../../gen/envoy/config/core/v3/protocol_pb.js";
import { HttpProtocolOptionsSchema } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { TcpProtocolOptionsSchema } from "../../gen/envoy/extensions/upstreams/tcp/v3/tcp_protocol_options_pb.js";
import type { ClusterPlan } from "../../plan/cluster/cluster.ts";
import type { ConnectionPoolPlan } from "../../plan/cluster/connection-pool.ts";
import { duration, packed } from "../any.ts";
import type { Init } from "../init.ts";
import { preservesCase } from "../preserve-case.ts";
import { errorMatcher } from "./error-codes.ts";
import { hashPolicy } from "./load-balancer.ts";
import { unreadFilters } from "./unread.ts";

const http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const tcp = "envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions";

type HttpInit = Init<typeof HttpProtocolOptionsSchema>;

/** What a cluster's options depend on. */
type Usual = Pick<ClusterPlan, "http" | "preserveCase" | "pool" | "loadBalancer" | "outlier" | "tls" | "unread">;

/** Whether nothing but the version of HTTP is asked for. */
function isUsual({ pool, loadBalancer, outlier, tls, preserveCase, unread }: Usual): boolean {
  if (preserveCase === true || unread !== undefined) return false;
  const { idleTimeoutMs, maxConnectionDurationMs, maxRequestsPerConnection, maxConcurrentStreams, http2Ping } = pool;
  const limited = idleTimeoutMs ?? maxConnectionDurationMs ?? maxRequestsPerConnection ?? maxConcurrentStreams;
  if ((limited ?? http2Ping) !== undefined || "hash" in loadBalancer || tls.kind === "originated") return false;
  return outlier === undefined || outlier.errorCodes.length === 0;
}

/** Trailers pass whatever version of HTTP is spoken on the way. */
function http1Options({ preserveCase }: Pick<Usual, "preserveCase">) {
  return { enableTrailers: true, ...(preserveCase === true ? { headerKeyFormat: preservesCase } : {}) };
}

// Shared by all clusters that ask for nothing else.
const usual = { http1: usualOptions("http1"), http2: usualOptions("http2"), client: usualOptions("client") };

function usualOptions(http: "http1" | "http2" | "client"): { [name: string]: Any } {
  return unusualOptions({
    http,
    pool: { connectTimeoutMs: 0 },
    loadBalancer: { kind: "least-request" },
    tls: { kind: "none" },
  });
}

/** A cluster's options by the protocol that its connections speak. */
export function protocolOptions(plan: Usual): { [name: string]: Any } {
  const { pool } = plan;
  if (plan.http === "tcp") return tcpOptions(pool);
  if (isUsual(plan)) return usual[plan.http];
  return unusualOptions(plan);
}

function unusualOptions(plan: Usual): { [name: string]: Any } {
  const { pool } = plan;
  const options = create(HttpProtocolOptionsSchema, {
    ...commonOptions(pool),
    ...(plan.tls.kind === "originated" ? automaticNames(plan.tls) : {}),
    upstreamProtocolOptions: versions(plan),
    ...(plan.unread !== undefined ? { httpFilters: [...unreadFilters] } : {}),
    ...("hash" in plan.loadBalancer ? { hashPolicy: [hashPolicy(plan.loadBalancer.hash)] } : {}),
    ...(plan.outlier !== undefined && plan.outlier.errorCodes.length > 0
      ? { outlierDetection: { errorMatcher: errorMatcher(plan.outlier.errorCodes) } }
      : {}),
  });
  return { [http]: anyPack(HttpProtocolOptionsSchema, options), ...(plan.http === "client" ? tcpOptions(pool) : {}) };
}

function tcpOptions(pool: ConnectionPoolPlan): { [name: string]: Any } {
  return pool.idleTimeoutMs === undefined
    ? {}
    : { [tcp]: packed(TcpProtocolOptionsSchema, { idleTimeout: duration(pool.idleTimeoutMs) }) };
}

function commonOptions(pool: ConnectionPoolPlan): HttpInit {
  const { idleTimeoutMs, maxConnectionDurationMs, maxRequestsPerConnection } = pool;
  if (idleTimeoutMs === undefined && maxConnectionDurationMs === undefined && maxRequestsPerConnection === undefined)
    return {};
  return {
    commonHttpProtocolOptions: {
      ...(idleTimeoutMs === undefined ? {} : { idleTimeout: duration(idleTimeoutMs) }),
      ...(maxConnectionDurationMs === undefined ? {} : { maxConnectionDuration: duration(maxConnectionDurationMs) }),
      ...(maxRequestsPerConnection === undefined ? {} : { maxRequestsPerConnection }),
    },
  };
}

/** Without a fixed SNI the name that the request calls is both sent and checked. Source: Istio's auto SNI. */
function automaticNames(tls: Extract<ClusterPlan["tls"], { kind: "originated" }>): HttpInit {
  if (tls.sni !== undefined) return {};
  return {
    upstreamHttpProtocolOptions: {
      autoSni: true,
      autoSanValidation: tls.subjectAltNames.length === 0 && tls.verify,
    },
  };
}

function versions(plan: Usual): NonNullable<HttpInit["upstreamProtocolOptions"]> {
  const [http1, http2] = [http1Options(plan), http2Options(plan.pool)];
  if (plan.http === "client")
    return {
      case: "useDownstreamProtocolConfig",
      value: { httpProtocolOptions: http1, http2ProtocolOptions: http2 },
    };
  const protocolConfig =
    plan.http === "http2"
      ? { case: "http2ProtocolOptions" as const, value: http2 }
      : { case: "httpProtocolOptions" as const, value: http1 };
  return { case: "explicitHttpConfig", value: { protocolConfig } };
}

function http2Options(pool: ConnectionPoolPlan): Init<typeof Http2ProtocolOptionsSchema> {
  const ping = pool.http2Ping;
  return {
    // WebSockets between two sidecars are extended CONNECT.
    allowConnect: true,
    ...(pool.maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams: pool.maxConcurrentStreams }),
    ...(ping?.intervalMs === undefined
      ? {}
      : {
          connectionKeepalive: {
            interval: duration(ping.intervalMs),
            timeout: duration(ping.timeoutMs ?? ping.intervalMs),
          },
        }),
  };
}
