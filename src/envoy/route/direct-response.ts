import { create } from "@bufbuild/protobuf";
import {
  type DirectResponseAction,
  DirectResponseActionSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { DirectResponse } from "../../plan/route/direct-response.ts";

export function directResponseAction({ status, body }: DirectResponse): DirectResponseAction {
  return create(DirectResponseActionSchema, {
    status,
    ...(body === undefined
      ? {}
      : {
          body: {
            specifier:
              "text" in body
                ? { case: "inlineString", value: body.text }
                : { case: "inlineBytes", value: new Uint8Array(Buffer.from(body.base64, "base64")) },
          },
        }),
  });
}
