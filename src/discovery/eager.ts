import { fallbackHosts } from "../plan/cluster/fallback.ts";
import { mesh } from "../plan/mesh.ts";
import { virtualServiceRules } from "../plan/route/rules.ts";
import { virtualServiceEntries } from "../plan/route/selection.ts";
import { authorizerHosts } from "../plan/security/authorizer.ts";
import { logServiceHosts } from "../plan/telemetry/log-service.ts";
import { collectorHosts } from "../plan/telemetry/tracer.ts";
import type { View } from "../plan/view.ts";
import type { Scope, Step } from "../track/scope.ts";
import type { EagerPolicy } from "./eager-policy.ts";

/** Says of a service's host whether a proxy has its clusters and routes from the start. */
export type IsEager = (host: string) => boolean;

/**
 * What of the services that a view may call its proxies have from the start; the rest they get when they ask for it. A policy may read
 * anything by its scope. A new one is a line here, and its name in eager-policy.ts.
 */
const policies: Record<EagerPolicy, (scope: Scope, view: View) => IsEager> = {
  all: () => () => true,
  none: () => () => false,
};

/** Whether proxies have to ask for anything at all. */
export function asks(policy: EagerPolicy): boolean {
  return policy !== "all";
}

/** What a policy says, with what no proxy ever asks for: a Fallback's cluster is one of several, whose parts nobody asks for. */
export function eagerness(scope: Scope, policy: EagerPolicy, view: View): IsEager {
  const said = policies[policy](scope, view);
  if (!asks(policy)) return said;
  const always = [mirrored, reported, fallbackHosts];
  return (host) => said(host) || always.some((step) => scope.ask(step, "").has(host));
}

/** Hosts that spans and access logs are reported to, and that are asked what may pass: a proxy refuses a listener whose collector it does not have. Key: none. */
const reported: Step<ReadonlySet<string>> = {
  name: "discovery/reportedHosts",
  run: (scope) => {
    const { raw } = scope.ask(mesh, "");
    return new Set([...collectorHosts(raw), ...logServiceHosts(raw), ...authorizerHosts(raw)]);
  },
  same: (a, b) => a.size === b.size && [...a].every((host) => b.has(host)),
};

/** Hosts that get copies of traffic: a proxy drops a copy for a cluster that it does not have, and does not ask for it. Key: none. */
const mirrored: Step<ReadonlySet<string>> = {
  name: "discovery/mirrored",
  run: (scope) =>
    new Set(
      scope
        .ask(virtualServiceEntries, "")
        .flatMap(({ key }) =>
          (scope.ask(virtualServiceRules, key)?.http ?? []).flatMap(({ http }) => [
            ...(http.mirror ? [http.mirror.host.toLowerCase()] : []),
            ...(http.mirrors ?? []).map((m) => m.destination.host.toLowerCase()),
          ]),
        ),
    ),
  same: (a, b) => a.size === b.size && [...a].every((host) => b.has(host)),
};
