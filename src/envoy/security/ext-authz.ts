import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { ApiVersion } from "../../gen/envoy/config/core/v3/config_source_pb.js";
import type { GrpcServiceSchema } from "../../gen/envoy/config/core/v3/grpc_service_pb.js";
import {
  type BufferSettingsSchema,
  ExtAuthzSchema as HttpExtAuthzSchema,
  type HttpServiceSchema,
} from "../../gen/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb.js";
import { ExtAuthzSchema as TcpExtAuthzSchema } from "../../gen/envoy/extensions/filters/network/ext_authz/v3/ext_authz_pb.js";
import { type MetadataMatcher, MetadataMatcherSchema } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import { type ListStringMatcher, ListStringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import type { AuthorizerPlan } from "../../plan/security/authorizer.ts";
import { duration, packed } from "../any.ts";
import { pattern } from "./text-pattern.ts";

/** Prefix of the metadata by which RBAC says what is to be asked, as Istio has it. */
export const askedPrefix = "istio_ext_authz_";

/** Asks of each request that a rule of this provider matched. */
export function httpExtAuthz(provider: string, plan: AuthorizerPlan): Any {
  return packed(HttpExtAuthzSchema, {
    transportApiVersion: ApiVersion.V3,
    services:
      plan.kind === "grpc"
        ? { case: "grpcService", value: grpcService(plan) }
        : { case: "httpService", value: httpService(plan) },
    ...(plan.kind === "http" && plan.requestHeaders.length > 0
      ? { allowedHeaders: headerNames(plan.requestHeaders) }
      : {}),
    failureModeAllow: plan.failOpen,
    ...(plan.statusOnError === undefined ? {} : { statusOnError: { code: plan.statusOnError } }),
    ...(plan.body === undefined ? {} : { withRequestBody: bufferSettings(plan.body) }),
    clearRouteCache: plan.clearRouteCache,
    filterEnabledMetadata: askedOf("envoy.filters.http.rbac", provider),
  });
}

/** Asks of each connection that a rule of this provider matched. */
export function tcpExtAuthz(provider: string, plan: AuthorizerPlan): Any {
  return packed(TcpExtAuthzSchema, {
    statPrefix: "tcp.",
    transportApiVersion: ApiVersion.V3,
    grpcService: grpcService(plan),
    failureModeAllow: plan.failOpen,
    filterEnabledMetadata: askedOf("envoy.filters.network.rbac", provider),
  });
}

/** Asks nobody: no rule of an empty name is ever matched. */
export function idleTcpExtAuthz(): Any {
  return packed(TcpExtAuthzSchema, {
    statPrefix: "tcp.",
    transportApiVersion: ApiVersion.V3,
    grpcService: { targetSpecifier: { case: "envoyGrpc", value: { clusterName: "nobody" } } },
    filterEnabledMetadata: askedOf("envoy.filters.network.rbac", ""),
  });
}

/** The whole name counts, so that a provider is not asked in place of one whose name is longer. */
function askedOf(filter: string, provider: string): MetadataMatcher {
  return create(MetadataMatcherSchema, {
    filter,
    path: [{ segment: { case: "key", value: `${askedPrefix}shadow_effective_policy_id` } }],
    value: { matchPattern: { case: "stringMatch", value: pattern(`istio-ext-authz-${provider}-ns[*`) } },
  });
}

function grpcService({ cluster, timeoutMs }: AuthorizerPlan): MessageInitShape<typeof GrpcServiceSchema> {
  // A bar may not stand in an authority.
  const authority = cluster.replaceAll("|", "_.");
  return {
    targetSpecifier: { case: "envoyGrpc", value: { clusterName: cluster, authority } },
    timeout: duration(timeoutMs),
  };
}

function httpService(plan: AuthorizerPlan & { kind: "http" }): MessageInitShape<typeof HttpServiceSchema> {
  const { toUpstreamOnAllow, toDownstreamOnDeny, toDownstreamOnAllow } = plan;
  const added = Object.entries(plan.addedHeaders).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    serverUri: {
      uri: `http://${plan.host}`,
      httpUpstreamType: { case: "cluster", value: plan.cluster },
      timeout: duration(plan.timeoutMs),
    },
    pathPrefix: plan.pathPrefix,
    ...(added.length === 0
      ? {}
      : { authorizationRequest: { headersToAdd: added.map(([key, value]) => ({ key, value })) } }),
    authorizationResponse: {
      ...(toUpstreamOnAllow.length > 0 ? { allowedUpstreamHeaders: headerNames(toUpstreamOnAllow) } : {}),
      ...(toDownstreamOnDeny.length > 0 ? { allowedClientHeaders: headerNames(toDownstreamOnDeny) } : {}),
      ...(toDownstreamOnAllow.length > 0 ? { allowedClientHeadersOnSuccess: headerNames(toDownstreamOnAllow) } : {}),
    },
  };
}

function headerNames(names: readonly string[]): ListStringMatcher {
  return create(ListStringMatcherSchema, { patterns: names.map((name) => pattern(name, "", true)) });
}

function bufferSettings(body: NonNullable<AuthorizerPlan["body"]>): MessageInitShape<typeof BufferSettingsSchema> {
  return { maxRequestBytes: body.maxBytes, allowPartialMessage: body.partial, packAsBytes: body.asBytes };
}
