import { create } from "@bufbuild/protobuf";
import { packed } from "../../envoy/any.ts";
import {
  httpAuthorizationNames,
  requestAuthenticationName,
  tcpAuthorizationNames,
} from "../../envoy/security/authorization-slot.ts";
import { jwtAuthentication } from "../../envoy/security/jwt.ts";
import { rbac } from "../../envoy/security/rbac.ts";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { JwtAuthenticationSchema } from "../../gen/envoy/extensions/filters/http/jwt_authn/v3/config_pb.js";
import { RBACSchema as HttpRbacSchema } from "../../gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RBACSchema as TcpRbacSchema } from "../../gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { type AuthorizationPlan, authorization } from "../../plan/security/authorization.ts";
import { requestAuthentication } from "../../plan/security/request-authentication.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";

/** What a workload's authentication of requests and its authorization depend on. */
export interface AuthorizationKey {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: "sidecar" | "router";
}

/** Authentication of requests and authorization of a workload, for each place in its listeners. Key: JSON of `AuthorizationKey`. */
export const authorizationSet: Step<ResourceSet> = {
  name: "discovery/authorization",
  run: (scope, key) => {
    const { kind, ...workload } = JSON.parse(key) as AuthorizationKey;
    const chosen = JSON.stringify(workload);
    const plan = scope.ask(authorization, chosen);
    const tokens = scope.ask(requestAuthentication, chosen);
    const typedConfig = packed(JwtAuthenticationSchema, jwtAuthentication(tokens, kind === "router"));
    const authentication = create(TypedExtensionConfigSchema, { name: requestAuthenticationName, typedConfig });
    const configs = [
      extension(httpAuthorizationNames[0], plan, "DENY", "http"),
      extension(httpAuthorizationNames[1], plan, "ALLOW", "http"),
      extension(tcpAuthorizationNames[0], plan, "DENY", "tcp"),
      extension(tcpAuthorizationNames[1], plan, "ALLOW", "tcp"),
    ];
    return setOf([
      encoded(TypedExtensionConfigSchema, authentication.name, authentication, tokens.origins),
      ...configs.map((c) => encoded(TypedExtensionConfigSchema, c.name, c, plan.origins)),
    ]);
  },
  same: sameSet,
};

/** Without policies it lets everything pass. */
function extension(
  name: string,
  plan: AuthorizationPlan,
  action: "ALLOW" | "DENY",
  protocol: "http" | "tcp",
): TypedExtensionConfig {
  const rules = action === "DENY" ? denials(plan, protocol) : allowances(plan, protocol);
  const typedConfig =
    protocol === "http" ? packed(HttpRbacSchema, rules) : packed(TcpRbacSchema, { ...rules, statPrefix: "tcp." });
  return create(TypedExtensionConfigSchema, { name, typedConfig });
}

function denials({ deny, custom }: AuthorizationPlan, protocol: "http" | "tcp") {
  return deny.length + custom.length === 0 ? {} : { rules: rbac(deny, "DENY", protocol, custom) };
}

function allowances({ allow }: AuthorizationPlan, protocol: "http" | "tcp") {
  return allow === undefined ? {} : { rules: rbac(allow, "ALLOW", protocol) };
}
