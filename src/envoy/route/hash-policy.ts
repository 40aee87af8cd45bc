import { create } from "@bufbuild/protobuf";
import {
  type RouteAction_HashPolicy,
  RouteAction_HashPolicySchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { HashPolicy } from "../../plan/route/hash-policy.ts";
import { duration } from "../any.ts";

export function hashPolicy(plan: HashPolicy): RouteAction_HashPolicy {
  return create(RouteAction_HashPolicySchema, { policySpecifier: specifier(plan) });
}

function specifier(plan: HashPolicy) {
  if (plan.by === "header") return { case: "header" as const, value: { headerName: plan.name } };
  if (plan.by === "query") return { case: "queryParameter" as const, value: { name: plan.name } };
  if (plan.by === "source-ip") return { case: "connectionProperties" as const, value: { sourceIp: true } };
  return {
    case: "cookie" as const,
    value: {
      name: plan.name,
      path: plan.path ?? "",
      // Without one Envoy sets no cookie of its own.
      ...(plan.ttlMs === undefined ? {} : { ttl: duration(plan.ttlMs) }),
      attributes: plan.attributes.map(({ name, value }) => ({ name, value })),
    },
  };
}
