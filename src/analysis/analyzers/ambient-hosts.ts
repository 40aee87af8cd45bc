import type { DestinationRuleSpec } from "../../gen/istio/destination-rule.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { Scope } from "../../track/scope.ts";
import { isAmbient, namespaceLabels, settlesRequests, waypointOf } from "../ambient.ts";
import { type Analyzer, type Finding, forAll, forEach, kialiReport } from "../finding.ts";
import type { KialiCode } from "../kiali.ts";

interface Codes {
  /** The namespace uses no waypoint, of a host that is none of its services. */
  readonly namespace: KialiCode;
  readonly service: KialiCode;
  readonly elsewhere: KialiCode;
}

const ofRoutes: Codes = { namespace: "KIA1109", service: "KIA1113", elsewhere: "KIA1114" };
const ofRules: Codes = { namespace: "KIA0210", service: "KIA0211", elsewhere: "KIA0212" };

const routes = forEach<VirtualServiceSpec>("ambientRoutes", types.VirtualService, (scope, vs) => {
  const { gateways = [], http = [], tls = [], hosts = [] } = vs.spec;
  if ((gateways.length > 0 && !gateways.includes("mesh")) || (http.length === 0 && tls.length === 0)) return [];
  return ofHosts(scope, vs, hosts, (i) => ["spec", "hosts", i], ofRoutes);
});
const rules = forEach<DestinationRuleSpec>("ambientRules", types.DestinationRule, (scope, rule) =>
  settlesRequests(rule.spec) ? ofHosts(scope, rule, [rule.spec.host], () => ["spec", "host"], ofRules) : [],
);

export const ambientHosts: Analyzer = {
  name: "ambient.HostAnalyzer",
  description: "Checks that rules about requests are for services that use a waypoint, in ambient mode",
  inputs: [types.VirtualService, types.DestinationRule, types.Service, types.Namespace],
  codes: ["KIA0210", "KIA0211", "KIA0212", "KIA1109", "KIA1113", "KIA1114"],
  step: forAll("ambientHosts", (scope) => [routes, rules].flatMap((step) => scope.ask(step, ""))),
};

function ofHosts(
  scope: Scope,
  about: Resource,
  hosts: readonly string[],
  path: (index: number) => FieldPath,
  codes: Codes,
): readonly Finding[] {
  const found = hosts.map((host) => serviceOf(scope, about.namespace, host));
  if (found.every((service) => service === undefined)) {
    const labels = namespaceLabels(scope, about.namespace);
    if (!isAmbient({}, labels) || waypointOf({}, labels) !== undefined) return [];
    return [kialiReport(about, codes.namespace, `namespace ${about.namespace} has no such label`, path(0))];
  }
  return found.flatMap((service, i): readonly Finding[] => {
    if (service === undefined) return [];
    const name = `Service ${service.namespace}/${service.name}`;
    const uses = waypointOf(service.labels, namespaceLabels(scope, service.namespace)) !== undefined;
    return [
      ...(uses ? [] : [kialiReport(about, codes.service, name, path(i))]),
      ...(service.namespace === about.namespace ? [] : [kialiReport(about, codes.elsewhere, name, path(i))]),
    ];
  });
}

/** The Service of ambient mode that a host means. */
function serviceOf(scope: Scope, namespace: string, host: string): Resource | undefined {
  const { domain } = scope.ask(mesh, "");
  const suffix = `.svc.${domain}`;
  const full = fullHost(host, namespace, domain);
  if (!full.endsWith(suffix)) return undefined;
  const [name = "", where = "", ...more] = full.slice(0, -suffix.length).split(".");
  if (more.length > 0) return undefined;
  const service = scope.get({ type: types.Service, namespace: where, name });
  return service !== undefined && isAmbient({}, namespaceLabels(scope, where)) ? service : undefined;
}
