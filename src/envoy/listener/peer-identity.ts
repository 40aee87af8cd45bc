import { create } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { ConfigSchema as SetFilterStateSchema } from "../../gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { packed } from "../any.ts";
import { peerState } from "../telemetry/labels.ts";

/** Keeps the caller's namespace and ServiceAccount, taken out of its verified certificate once a connection. */
export function peerIdentity(): Filter {
  const part = (objectKey: string, pattern: string) => ({
    key: { case: "objectKey" as const, value: objectKey },
    factoryKey: "envoy.string",
    value: {
      case: "formatString" as const,
      value: {
        format: {
          case: "textFormatSource" as const,
          value: {
            specifier: {
              case: "inlineString" as const,
              value: `%CEL(re.extract(connection.uri_san_peer_certificate, '${pattern}', r'\\1'))%`,
            },
          },
        },
      },
    },
  });
  return create(FilterSchema, {
    name: "weft.peer_identity",
    configType: {
      case: "typedConfig",
      value: packed(SetFilterStateSchema, {
        onDownstreamTlsHandshake: [
          part(peerState.namespace, "spiffe://[^/]*/ns/([^/]+)/.*"),
          part(peerState.serviceAccount, "spiffe://[^/]*/ns/[^/]+/sa/([^/]+)"),
        ],
      }),
    },
  });
}
