import { create, toBinary } from "@bufbuild/protobuf";
import { StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type HeaderMutation,
  HeaderMutationSchema,
} from "../../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import { HeaderValueOption_HeaderAppendAction } from "../../gen/envoy/config/core/v3/base_pb.js";
import {
  Config_ValueEncode,
  Config_ValueType,
  ConfigSchema as HeaderToMetadataSchema,
} from "../../gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { packed } from "../any.ts";
import type { Local } from "../local.ts";

/** Request header by which a sidecar tells the next one which workload it stands beside. For telemetry alone: any mesh peer can forge it. */
export const peerHeader = "x-weft-peer";

/** Dynamic metadata that the receiving sidecar keeps it in: `%DYNAMIC_METADATA(weft.peer:source:workload)%`. */
export const peerMetadata = "weft.peer";

/** Sets the header on requests that leave: one packed value (a serialized Struct in base64), parsed once at the other end. */
export function tellPeer(local: Local): HeaderMutation {
  const fields = {
    workload: local.workload,
    namespace: local.namespace,
    app: local.app,
    version: local.version,
    cluster: local.kubeCluster,
  };
  const text = (value: string) => create(ValueSchema, { kind: { case: "stringValue", value } });
  const struct = create(StructSchema, {
    fields: Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, text(v)])),
  });
  const value = create(ValueSchema, { kind: { case: "structValue", value: struct } });
  const packedValue = Buffer.from(toBinary(ValueSchema, value)).toString("base64");
  return create(HeaderMutationSchema, {
    action: {
      case: "append",
      value: {
        header: { key: peerHeader, value: packedValue },
        appendAction: HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
      },
    },
  });
}

/** Takes the header off requests that arrive, into metadata. */
export function hearPeer(): HttpFilter {
  return create(HttpFilterSchema, {
    name: "weft.peer",
    configType: {
      case: "typedConfig",
      value: packed(HeaderToMetadataSchema, {
        requestRules: [
          {
            header: peerHeader,
            onHeaderPresent: {
              metadataNamespace: peerMetadata,
              key: "source",
              type: Config_ValueType.PROTOBUF_VALUE,
              encode: Config_ValueEncode.BASE64,
            },
            remove: true,
          },
        ],
      }),
    },
  });
}
