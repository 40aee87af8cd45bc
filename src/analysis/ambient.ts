import type { AuthorizationPolicySpec } from "../gen/istio/authorization-policy.ts";
import type { DestinationRuleSpec, TrafficPolicy } from "../gen/istio/destination-rule.ts";
import type { TelemetrySpec } from "../gen/istio/telemetry.ts";
import type { Labels } from "../model/sample.ts";
import { types } from "../model/types.ts";
import type { Scope } from "../track/scope.ts";
import { covers, podLikesIn } from "./workloads.ts";

const modeLabel = "istio.io/dataplane-mode";
const waypointLabel = "istio.io/use-waypoint";

/** Labels of a namespace; none where nobody declares it. */
export function namespaceLabels(scope: Scope, namespace: string): Labels {
  return scope.get({ type: types.Namespace, namespace: "", name: namespace })?.labels ?? {};
}

/** Whether an object's labels, and else its namespace's, put it into ambient mode. */
export function isAmbient(own: Labels, ofNamespace: Labels): boolean {
  return (own[modeLabel] ?? ofNamespace[modeLabel]) === "ambient";
}

/** The waypoint that an object's labels name, and else its namespace's; undefined where there is none. */
export function waypointOf(own: Labels, ofNamespace: Labels): string | undefined {
  const said = own[waypointLabel] ?? ofNamespace[waypointLabel];
  return said === undefined || said === "" || said === "none" ? undefined : said;
}

/** Whether workloads that a selector chooses in a namespace, or the whole namespace, use no waypoint. */
export function lacksWaypoint(scope: Scope, namespace: string, selector: Labels): boolean {
  const labels = namespaceLabels(scope, namespace);
  const pods = scope.ask(podLikesIn, namespace).filter((pod) => covers(selector, pod.labels));
  if (Object.keys(selector).length === 0 || pods.length === 0) return waypointOf({}, labels) === undefined;
  return pods.some((pod) => waypointOf(pod.labels, labels) === undefined);
}

const requestKeys = ["request.headers", "request.auth"];

/** Whether a policy needs to see requests, not connections alone. */
export function readsRequests({ rules = [] }: AuthorizationPolicySpec): boolean {
  return rules.some(
    (rule) =>
      (rule.when ?? []).some(({ key }) => requestKeys.some((prefix) => key.startsWith(prefix))) ||
      (rule.to ?? []).some(({ operation = {} }) =>
        (["methods", "notMethods", "paths", "notPaths", "hosts", "notHosts"] as const).some(
          (f) => operation[f]?.length,
        ),
      ) ||
      (rule.from ?? []).some(({ source = {} }) =>
        (["requestPrincipals", "notRequestPrincipals"] as const).some((f) => source[f]?.length),
      ),
  );
}

/** Whether a DestinationRule says something of requests. */
export function settlesRequests({ trafficPolicy, subsets = [] }: DestinationRuleSpec): boolean {
  return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].some(ofRequests);
}

function ofRequests(policy: TrafficPolicy | undefined): boolean {
  const hash = policy?.loadBalancer?.consistentHash;
  if (policy?.connectionPool?.http !== undefined || policy?.outlierDetection !== undefined) return true;
  return hash?.httpHeaderName !== undefined || hash?.httpCookie !== undefined;
}

/** Whether a Telemetry is about requests. */
export function tellsOfRequests({ tracing = [], accessLogging = [], metrics = [] }: TelemetrySpec): boolean {
  return tracing.length > 0 || accessLogging.length > 0 || metrics.some((one) => (one.overrides ?? []).length > 0);
}

/** Whether ztunnel has captured a Pod's traffic. */
export function isRedirected(annotations: Labels): boolean {
  return annotations["ambient.istio.io/redirection"] === "enabled";
}
