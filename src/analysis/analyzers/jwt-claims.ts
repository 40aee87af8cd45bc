import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import type { RequestAuthenticationSpec } from "../../gen/istio/request-authentication.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import type { FieldPath } from "../../model/origin.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, forEach, report } from "../finding.ts";
import { covers, type PodLike, podLikes } from "../workloads.ts";

const claim = "@request.auth.claims";

export const jwtClaims: Analyzer = {
  name: "virtualservice.JWTClaimRouteAnalyzer",
  description: "Checks the VirtualService using JWT claim based routing has corresponding RequestAuthentication",
  inputs: [types.VirtualService, types.RequestAuthentication, types.Gateway, types.Pod],
  codes: ["IST0149"],
  step: forEach<VirtualServiceSpec>("jwtClaims", types.VirtualService, (scope, vs) => {
    const used = claimOf(vs.spec);
    if (used === undefined) return [];
    return (vs.spec.gateways ?? []).flatMap((said) => {
      if (said === "mesh") return [];
      const [namespace, name] = said.includes("/") ? (said.split("/", 2) as [string, string]) : [vs.namespace, said];
      const gateway = scope.get<GatewaySpec>({ type: types.Gateway, namespace, name });
      if (gateway === undefined) return [];
      const selector = gateway.spec.selector ?? {};
      return scope
        .ask(podLikes, "")
        .filter((pod) => covers(selector, pod.labels) && !hasAuthentication(scope, pod))
        .map((pod) => {
          const fix = `add a RequestAuthentication that selects the gateway's Pods in namespace ${pod.namespace}`;
          return report(vs, "IST0149", [used.key, { nameOf: gateway }, pod.name], { path: used.path, fix });
        });
    });
  }),
};

function claimOf(spec: VirtualServiceSpec): { readonly key: string; readonly path: FieldPath } | undefined {
  for (const [i, rule] of (spec.http ?? []).entries()) {
    for (const [j, match] of (rule.match ?? []).entries()) {
      for (const field of ["headers", "withoutHeaders"] as const) {
        const key = Object.keys(match[field] ?? {}).find((name) => name.startsWith(claim));
        if (key !== undefined) return { key, path: ["spec", "http", i, "match", j, field, key] };
      }
    }
  }
  return undefined;
}

function hasAuthentication(scope: Scope, pod: PodLike): boolean {
  const { rootNamespace } = scope.ask(mesh, "");
  return [rootNamespace, pod.namespace].some((namespace) =>
    scope
      .list<RequestAuthenticationSpec>(types.RequestAuthentication, namespace)
      .some(({ spec }) => covers(spec.selector?.matchLabels ?? {}, pod.labels)),
  );
}
