import { create } from "@bufbuild/protobuf";
import { packed } from "../../envoy/any.ts";
import { filterChainNamed } from "../../envoy/filter-chain.ts";
import { httpAuthorizationName, requestAuthenticationName } from "../../envoy/security/authorization-slot.ts";
import { httpAuthorizationFilters } from "../../envoy/security/http-authorization.ts";
import { jwtAuthentication } from "../../envoy/security/jwt.ts";
import { tcpAuthorizationFilters } from "../../envoy/security/tcp-authorization.ts";
import { TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { JwtAuthenticationSchema } from "../../gen/envoy/extensions/filters/http/jwt_authn/v3/config_pb.js";
import { mesh } from "../../plan/mesh.ts";
import { authorization, type WorkloadKey } from "../../plan/security/authorization.ts";
import { asksOverHttp, connectionAuthorizers } from "../../plan/security/authorizer.ts";
import { requestAuthentication } from "../../plan/security/request-authentication.ts";
import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { encoded, sameSet, setOf } from "./encoded.ts";

/** What a workload's authentication of requests and its authorization depend on. */
export interface AuthorizationKey extends WorkloadKey {
  readonly kind: "sidecar" | "router";
}

/** Authentication of requests and authorization of a workload, for each place in its listeners. Key: JSON of `AuthorizationKey`. */
export const authorizationSet: Step<ResourceSet> = {
  name: "discovery/authorization",
  run: (scope, key) => {
    const { kind, ...workload } = JSON.parse(key) as AuthorizationKey;
    const plan = scope.ask(authorization, JSON.stringify(workload));
    const { namespace, labels } = workload;
    const tokens = scope.ask(requestAuthentication, JSON.stringify({ namespace, labels }));
    const typedConfig = packed(JwtAuthenticationSchema, jwtAuthentication(tokens, kind === "router"));
    const authentication = create(TypedExtensionConfigSchema, { name: requestAuthenticationName, typedConfig });
    // Whoever calls a gateway is of no mesh: to have no certificate of it says nothing there.
    const deniesUnknown = kind === "sidecar";
    const { raw } = scope.ask(mesh, "");
    const configs = [
      filterChainNamed(httpAuthorizationName, httpAuthorizationFilters(plan, deniesUnknown)),
      ...tcpAuthorizationFilters(plan, deniesUnknown, connectionAuthorizers(raw), asksOverHttp(raw)).map(
        ({ name, config }) => create(TypedExtensionConfigSchema, { name, typedConfig: config }),
      ),
    ];
    return setOf([
      encoded(TypedExtensionConfigSchema, authentication.name, authentication, tokens.origins),
      ...configs.map((c) => encoded(TypedExtensionConfigSchema, c.name, c, plan.origins)),
    ]);
  },
  same: sameSet,
};
