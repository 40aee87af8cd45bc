import type { DestinationRuleSpec } from "../gen/istio/destination-rule.ts";
import type { PeerAuthenticationSpec } from "../gen/istio/peer-authentication.ts";
import type { Ref, Resource } from "../model/resource.ts";
import { types } from "../model/types.ts";
import { mesh } from "../plan/mesh.ts";
import { listAll, type Scope, type Step } from "../track/scope.ts";

/** What a DestinationRule for a whole namespace, or for the whole mesh, has callers speak. */
export interface WideMutualTls extends Ref {
  /** Absent: the whole mesh. */
  readonly reach?: string;
  readonly mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
  /** `a.yaml:3:1`. */
  readonly at: string;
}

/** DestinationRules for `*.local` and `*.NAMESPACE.svc.DOMAIN` that say something of TLS. Key: none. */
export const wideMutualTls: Step<readonly WideMutualTls[]> = {
  name: "analysis/wideMutualTls",
  run: (scope) =>
    listAll<DestinationRuleSpec>(scope, types.DestinationRule).flatMap((rule) => {
      const mode = rule.spec.trafficPolicy?.tls?.mode;
      const reach = reachOf(scope, rule.spec.host ?? "");
      if (mode === undefined || reach === undefined) return [];
      const { type, namespace, name, origin } = rule;
      return [{ type, namespace, name, mode, at: origin.at, ...(reach === "" ? {} : { reach }) }];
    }),
};

/** The namespace that a host is all of, `""` for the whole mesh, undefined for any other host. */
function reachOf(scope: Scope, host: string): string | undefined {
  const { domain } = scope.ask(mesh, "");
  if (host === "*.local" || host === `*.svc.${domain}`) return "";
  const suffix = `.svc.${domain}`;
  if (!host.startsWith("*.") || !host.endsWith(suffix)) return undefined;
  const namespace = host.slice(2, -suffix.length);
  return namespace === "" || namespace.includes(".") ? undefined : namespace;
}

/** The PeerAuthentication that holds for all of a namespace, by its own words: the oldest without a selector. */
export function widePolicy(scope: Scope, namespace: string): Resource<PeerAuthenticationSpec> | undefined {
  return scope
    .list<PeerAuthenticationSpec>(types.PeerAuthentication, namespace)
    .filter(({ spec }) => Object.keys(spec.selector?.matchLabels ?? {}).length === 0)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1))[0];
}

/** What such a PeerAuthentication says; undefined where it leaves it to another. */
export function modeOf(policy: Resource<PeerAuthenticationSpec> | undefined): string | undefined {
  const mode = policy?.spec.mtls?.mode;
  return mode === "UNSET" ? undefined : mode;
}
