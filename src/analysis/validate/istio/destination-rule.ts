import type { DestinationRuleSpec, PortTrafficPolicy, TrafficPolicy } from "../../../gen/istio/destination-rule.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkLabels, checkPort, fqdnFault, isAddress, isDnsLabel, wildcardDomainFault } from "../names.ts";
import { checkClientTls } from "./client-tls.ts";
import { checkConnectionPool } from "./connection-pool.ts";
import { checkLoadBalancer } from "./load-balancer.ts";
import { checkOutlierDetection } from "./outlier-detection.ts";
import { checkSelector } from "./selector.ts";
import { checkExportTo } from "./visibility.ts";

/** Istio's rules for a DestinationRule. Source: istio pkg/config/validation. */
export function checkDestinationRule(resource: Resource, root: Findings): void {
  const spec = resource.spec as DestinationRuleSpec;
  const found = root.at("spec");
  const fault = wildcardDomainFault(spec.host);
  if (fault) found.at("host").error(fault, "write a host name");
  if (spec.trafficPolicy) checkTrafficPolicy(spec.trafficPolicy, found.at("trafficPolicy"));
  const names = new Set<string>();
  spec.subsets?.forEach((subset, i) => {
    const at = found.at("subsets", i);
    if (names.has(subset.name))
      at.at("name").error(`duplicate subset names: ${subset.name}`, "give each subset a name of its own");
    names.add(subset.name);
    checkSubsetName(subset.name, at.at("name"));
    checkLabels(subset.labels, at.at("labels"));
    if (subset.trafficPolicy) checkTrafficPolicy(subset.trafficPolicy, at.at("trafficPolicy"));
  });
  checkExportTo(spec.exportTo, { namespace: resource.namespace, onlyHere: spec.workloadSelector !== undefined }, found);
  checkSelector(spec.workloadSelector?.matchLabels, spec.workloadSelector !== undefined, found.at("workloadSelector"));
}

/** Checks the name of a subset where it is defined or referred to. */
export function checkSubsetName(name: string, found: Findings): void {
  if (name === "") found.error("subset name cannot be empty", "write a name");
  else if (!isDnsLabel(name)) found.error(`subset name is invalid: ${name}`, "write at most 63 letters, digits and -");
}

function checkTrafficPolicy(policy: TrafficPolicy, found: Findings): void {
  const { outlierDetection, connectionPool, loadBalancer, tls, portLevelSettings, tunnel, proxyProtocol, retryBudget } =
    policy;
  const fields = [
    outlierDetection,
    connectionPool,
    loadBalancer,
    tls,
    portLevelSettings,
    tunnel,
    proxyProtocol,
    retryBudget,
  ];
  if (fields.every((f) => f === undefined)) {
    found.error(
      "traffic policy must have at least one field",
      "write loadBalancer, connectionPool, outlierDetection or tls, or remove it",
    );
    return;
  }
  if (tunnel !== undefined && proxyProtocol !== undefined) {
    found.error("tunnel and proxyProtocol must not be set together", "remove one of the two");
    return;
  }
  checkPolicyParts(policy, found);
  portLevelSettings?.forEach((settings, i) => void checkPortPolicy(settings, found.at("portLevelSettings", i)));
  if (tunnel) checkTunnel(tunnel, found.at("tunnel"));
}

type Parts = Pick<TrafficPolicy, "outlierDetection" | "connectionPool" | "loadBalancer" | "tls">;

function checkPolicyParts({ outlierDetection, connectionPool, loadBalancer, tls }: Parts, found: Findings): void {
  if (outlierDetection) checkOutlierDetection(outlierDetection, found.at("outlierDetection"));
  if (connectionPool) checkConnectionPool(connectionPool, found.at("connectionPool"));
  if (loadBalancer) checkLoadBalancer(loadBalancer, outlierDetection !== undefined, found.at("loadBalancer"));
  if (tls) checkClientTls(tls, found.at("tls"));
}

function checkPortPolicy(policy: PortTrafficPolicy, found: Findings): void {
  if (policy.port === undefined) found.error("portTrafficPolicy must have valid port", "write port: {number: 80}");
  const { outlierDetection, connectionPool, loadBalancer, tls } = policy;
  if ([outlierDetection, connectionPool, loadBalancer, tls].every((f) => f === undefined)) {
    found.error(
      "port traffic policy must have at least one field",
      "write loadBalancer, connectionPool, outlierDetection or tls",
    );
  } else checkPolicyParts(policy as Parts, found);
}

function checkTunnel(tunnel: NonNullable<TrafficPolicy["tunnel"]>, found: Findings): void {
  if (tunnel.protocol !== undefined && !["", "CONNECT", "POST"].includes(tunnel.protocol)) {
    found.at("protocol").error('tunnel protocol must be "CONNECT" or "POST"', 'write "CONNECT"');
  }
  const fault = fqdnFault(tunnel.targetHost);
  if (fault && !isAddress(tunnel.targetHost))
    found.at("targetHost").error(`tunnel target host must be valid FQDN or IP address: ${fault}`);
  checkPort(tunnel.targetPort, found.at("targetPort"));
}
