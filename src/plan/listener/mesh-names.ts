import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { hostMatches } from "../host.ts";
import { mesh } from "../mesh.ts";
import { serverNames } from "../server-name.ts";
import type { Service } from "../service.ts";

/**
 * Server names that the mesh's own callers of a service use in mTLS: `outbound_.9080_.v1_.HOST`, so anything below the host, and what a
 * DestinationRule gives as `tls.sni` with ISTIO_MUTUAL.
 */
export function meshNames(scope: Scope, { host }: Pick<Service, "host">): readonly string[] {
  const below = host.startsWith("*.") ? host : `*.${host}`;
  const said = scope.ask(saidNames, "").flatMap(([pattern, names]) => (hostMatches(pattern, host) ? names : []));
  return [...new Set([below, ...(said.length === 0 ? [] : (serverNames(said) ?? []))])];
}

/** Host pattern → names of its rules. Key: none. */
const saidNames: Step<readonly (readonly [string, readonly string[]])[]> = {
  name: "plan/saidServerNames",
  run: (scope) => {
    const { domain } = scope.ask(mesh, "");
    return listAll<DestinationRuleSpec>(scope, types.DestinationRule).flatMap((rule) => {
      const names = namesOf(rule);
      return names.length === 0
        ? []
        : [[fullHost(rule.spec.host, rule.namespace, domain).toLowerCase(), names] as const];
    });
  },
};

function namesOf({ spec }: Resource<DestinationRuleSpec>): readonly string[] {
  const policies = [spec.trafficPolicy, ...(spec.subsets ?? []).map((s) => s.trafficPolicy)];
  const settings = policies.flatMap((policy) => [policy?.tls, ...(policy?.portLevelSettings ?? []).map((p) => p.tls)]);
  return settings.flatMap((tls) => (tls?.mode === "ISTIO_MUTUAL" && tls.sni ? [tls.sni] : []));
}
