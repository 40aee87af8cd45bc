import { create } from "@bufbuild/protobuf";
import {
  ApiConfigSource_ApiType,
  ApiVersion,
  type ConfigSourceSchema,
} from "../../gen/envoy/config/core/v3/config_source_pb.js";
import {
  type SdsSecretConfig,
  SdsSecretConfigSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";
import type { Local } from "../local.ts";

/** The secret that holds a workload's own certificate and key. */
export const ownCertificate = "default";

/** The secret that holds the mesh's roots. */
export const meshRoots = "ROOTCA";

/** Who serves secrets to a proxy: the ADS stream, or the agent that Istio runs beside it. */
export type SecretsFrom = Local["secretsFrom"];

/** One of the mesh's own secrets. A listener or cluster waits for it as long as it takes: without it there is no mTLS. */
export function secret(name: string, from: SecretsFrom): SdsSecretConfig {
  return create(SdsSecretConfigSchema, { name, sdsConfig: source(from, { initialFetchTimeout: duration(0) }) });
}

/**
 * A secret that a user names: of the control plane, whoever serves the mesh's own. If it does not come, what needs it stays unusable after
 * Envoy's 15 seconds, and the proxy starts without. A name with a scheme is whole already.
 */
export function credential(name: string): SdsSecretConfig {
  const full = name.includes("://") ? name : `kubernetes://${name}`;
  return create(SdsSecretConfigSchema, { name: full, sdsConfig: source("ads", {}) });
}

function source(from: SecretsFrom, wait: Init<typeof ConfigSourceSchema>): Init<typeof ConfigSourceSchema> {
  if (from === "ads")
    return { configSourceSpecifier: { case: "ads", value: {} }, resourceApiVersion: ApiVersion.V3, ...wait };
  const agent = {
    apiType: ApiConfigSource_ApiType.GRPC,
    transportApiVersion: ApiVersion.V3,
    setNodeOnFirstMessageOnly: true,
    grpcServices: [{ targetSpecifier: { case: "envoyGrpc" as const, value: { clusterName: "sds-grpc" } } }],
  };
  return {
    configSourceSpecifier: { case: "apiConfigSource", value: agent },
    resourceApiVersion: ApiVersion.V3,
    ...wait,
  };
}
