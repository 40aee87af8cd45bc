import { create } from "@bufbuild/protobuf";
import {
  type Cluster,
  ClusterSchema,
  Cluster_DiscoveryType as DiscoveryType,
  Cluster_LbPolicy as LbPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import type { AddressSchema, BindConfigSchema } from "../../gen/envoy/config/core/v3/address_pb.js";
import { SocketOption_SocketState as SocketState } from "../../gen/envoy/config/core/v3/socket_option_pb.js";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { HttpProtocolOptionsSchema } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { clusterName, inboundPassthroughCluster } from "../../plan/cluster-name.ts";
import type { InboundPort } from "../../plan/listener/inbound.ts";
import { isHttp, isHttp2, type Protocol } from "../../plan/protocol.ts";
import type { InboundPool, InboundTarget } from "../../plan/sidecar/ingress.ts";
import { duration, packed } from "../any.ts";
import type { Init } from "../init.ts";
import { preservesCase } from "../preserve-case.ts";
import { circuitBreakers, upstreamConnectionOptions } from "./connection-pool.ts";
import { protocolOptions } from "./http-protocol.ts";

/** How connections to the application leave the proxy. */
export interface InboundOptions {
  readonly connectTimeoutMs?: number;
  /** Marks the socket (SO_MARK) so that rules that go by marks let it pass. Needs CAP_NET_ADMIN. Absent: rules go by the address it comes from. */
  readonly mark?: number;
  /** Names of HTTP/1.1 headers stay as they are written. */
  readonly preserveCase?: boolean;
}

/** A port of the workload, and how its application is reached: at the address that was called, unless `to` is another. */
export type ApplicationPort = Pick<InboundPort, "port" | "protocol" | "to" | "pool" | "statName">;

/** To the application's port. */
export function inboundCluster(application: ApplicationPort, options: InboundOptions = {}): Cluster {
  const { port, protocol, to, pool, statName = "" } = application;
  const made = toApplication(clusterName("inbound", port, "", ""), protocol, options);
  made.altStatName = statName;
  if (pool !== undefined) limit(made, pool, protocol, options.preserveCase === true);
  return to === undefined ? made : leadTo(made, to);
}

function limit(made: Cluster, { limits, asClient }: InboundPool, protocol: Protocol, preserveCase: boolean): void {
  const http = isHttp2(protocol) ? "http2" : isHttp(protocol) ? "http1" : protocol === "unsupported" ? "client" : "tcp";
  made.connectTimeout = create(ClusterSchema, { connectTimeout: duration(limits.connectTimeoutMs) }).connectTimeout;
  made.circuitBreakers = circuitBreakers(limits);
  made.upstreamConnectionOptions = create(ClusterSchema, upstreamConnectionOptions(limits)).upstreamConnectionOptions;
  made.typedExtensionProtocolOptions = protocolOptions({
    http: asClient && http !== "tcp" ? "client" : http,
    ...(preserveCase ? { preserveCase } : {}),
    pool: limits,
    loadBalancer: { kind: "least-request" },
    tls: { kind: "none" },
  });
}

function leadTo(made: Cluster, to: InboundTarget): Cluster {
  const address: Init<typeof AddressSchema>["address"] =
    to.kind === "socket"
      ? { case: "pipe", value: { path: to.path } }
      : {
          case: "socketAddress",
          value: { address: to.address, portSpecifier: { case: "portValue", value: to.port } },
        };
  made.clusterDiscoveryType = { case: "type", value: DiscoveryType.STATIC };
  made.lbPolicy = LbPolicy.ROUND_ROBIN;
  made.loadAssignment = create(ClusterLoadAssignmentSchema, {
    clusterName: made.name,
    endpoints: [{ lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: { address: { address } } } }] }],
  });
  if (to.kind === "socket") made.upstreamBindConfig = undefined;
  return made;
}

/** To ports that no service names. */
export function inboundPassthrough(options: InboundOptions = {}): Cluster {
  return toApplication(inboundPassthroughCluster, "unsupported", options);
}

function toApplication(name: string, protocol: Protocol, options: InboundOptions): Cluster {
  const { connectTimeoutMs = 10_000 } = options;
  return create(ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: DiscoveryType.ORIGINAL_DST },
    lbPolicy: LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: duration(connectTimeoutMs),
    circuitBreakers: circuitBreakers({ connectTimeoutMs }),
    upstreamBindConfig: bind(options.mark),
    typedExtensionProtocolOptions:
      isHttp(protocol) || protocol === "unsupported" ? httpOptions(protocol, options.preserveCase) : {},
  });
}

/** A source address that capture rules know: what comes from it is the proxy speaking to its own application. */
function bind(mark: number | undefined): Init<typeof BindConfigSchema> {
  const at = (address: string) => ({ address, portSpecifier: { case: "portValue" as const, value: 0 } });
  return {
    sourceAddress: at("127.0.0.6"),
    extraSourceAddresses: [{ address: at("::6") }],
    ...(mark === undefined ? {} : { socketOptions: [markOption(mark)] }),
  };
}

function markOption(mark: number) {
  const solSocket = 1n;
  const soMark = 36n;
  return {
    description: "SO_MARK",
    level: solSocket,
    name: soMark,
    value: { case: "intValue" as const, value: BigInt(mark) },
    state: SocketState.STATE_PREBIND,
  };
}

function httpOptions(protocol: Protocol, preserveCase = false) {
  const http1 = { enableTrailers: true, ...(preserveCase ? { headerKeyFormat: preservesCase } : {}) };
  const http2 = { allowConnect: true };
  const upstreamProtocolOptions: Init<typeof HttpProtocolOptionsSchema>["upstreamProtocolOptions"] = isHttp(protocol)
    ? {
        case: "explicitHttpConfig",
        value: {
          protocolConfig: isHttp2(protocol)
            ? { case: "http2ProtocolOptions", value: http2 }
            : { case: "httpProtocolOptions", value: http1 },
        },
      }
    : { case: "useDownstreamProtocolConfig", value: { httpProtocolOptions: http1, http2ProtocolOptions: http2 } };
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": packed(HttpProtocolOptionsSchema, {
      upstreamProtocolOptions,
    }),
  };
}
