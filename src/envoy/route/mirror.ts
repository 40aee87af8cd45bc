import { create } from "@bufbuild/protobuf";
import {
  type RouteAction_RequestMirrorPolicy,
  RouteAction_RequestMirrorPolicySchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { Mirror } from "../../plan/route/mirror.ts";
import { peerHeader } from "../telemetry/peer.ts";
import { fraction } from "./percent.ts";

/** A copy of the traffic, with the Host of the request itself (as in Istio, which once appended `-shadow` to it), and it makes no trace of its own. */
export function mirrorPolicy({ cluster, percent, external }: Mirror): RouteAction_RequestMirrorPolicy {
  return create(RouteAction_RequestMirrorPolicySchema, {
    cluster,
    runtimeFraction: { defaultValue: fraction(percent) },
    traceSampled: false,
    disableShadowHostSuffixAppend: true,
    ...(external ? { requestHeadersMutations: [{ action: { case: "remove" as const, value: peerHeader } }] } : {}),
  });
}
