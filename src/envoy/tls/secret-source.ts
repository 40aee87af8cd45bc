import { create } from "@bufbuild/protobuf";
import {
  ApiConfigSource_ApiType,
  ApiVersion,
  type ConfigSource,
  ConfigSourceSchema,
} from "../../gen/envoy/config/core/v3/config_source_pb.js";
import {
  type SdsSecretConfig,
  SdsSecretConfigSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { duration } from "../any.ts";
import type { Local } from "../local.ts";

/** The secret that holds a workload's own certificate and key. */
export const ownCertificate = "default";

/** The secret that holds the mesh's roots. */
export const meshRoots = "ROOTCA";

/** Who serves secrets to a proxy: the ADS stream, or the agent that Istio runs beside it. */
export type SecretsFrom = Local["secretsFrom"];

/** A secret by name. A listener or cluster waits for it as long as it takes: without it there is no mTLS. */
export function secret(name: string, from: SecretsFrom): SdsSecretConfig {
  return create(SdsSecretConfigSchema, { name, sdsConfig: sources[from] });
}

const sources: Readonly<Record<SecretsFrom, ConfigSource>> = {
  ads: create(ConfigSourceSchema, {
    configSourceSpecifier: { case: "ads", value: {} },
    initialFetchTimeout: duration(0),
    resourceApiVersion: ApiVersion.V3,
  }),
  "sds-grpc": create(ConfigSourceSchema, {
    configSourceSpecifier: {
      case: "apiConfigSource",
      value: {
        apiType: ApiConfigSource_ApiType.GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ targetSpecifier: { case: "envoyGrpc", value: { clusterName: "sds-grpc" } } }],
      },
    },
    initialFetchTimeout: duration(0),
    resourceApiVersion: ApiVersion.V3,
  }),
};
