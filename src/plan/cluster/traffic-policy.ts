import type { PortTrafficPolicy, TrafficPolicy } from "../../gen/istio/destination-rule.ts";
import type { MergedDestinationRule } from "./destination-rule.ts";

/** A policy for one port: without portLevelSettings. */
export type PortPolicy = Omit<TrafficPolicy, "portLevelSettings">;

/**
 * What holds for one port of a subset (or, with `""`, of the host): subset over top level, and on each level the port's own settings in the
 * place of the level's connection pool, outlier detection, load balancer and TLS. `baseline` (the mesh's defaultTrafficPolicy) fills in blocks that nobody set.
 * Source: istio.io/latest/docs/reference/config/networking/destination-rule: port-level settings do not inherit.
 */
export function portPolicy(
  rule: MergedDestinationRule | undefined,
  subset: string,
  port: number,
  baseline: PortPolicy = {},
): PortPolicy {
  const top = overlay({}, rule?.trafficPolicy, port);
  const own = overlay(top, rule?.subsets.get(subset)?.trafficPolicy, port);
  return { ...withoutUndefined(baseline), ...withoutUndefined(own) };
}

function overlay(below: PortPolicy, policy: TrafficPolicy | undefined, port: number): PortPolicy {
  if (policy === undefined) return below;
  const { portLevelSettings, ...level } = policy;
  const merged = { ...below, ...withoutUndefined(level) };
  const ofPort = portLevelSettings?.find((p) => p.port?.number === port);
  return ofPort === undefined ? merged : inPlace(merged, ofPort);
}

function inPlace(policy: PortPolicy, ofPort: PortTrafficPolicy): PortPolicy {
  const { connectionPool: _pool, outlierDetection: _outlier, loadBalancer: _lb, tls: _tls, ...rest } = policy;
  const { port: _port, ...own } = ofPort;
  return { ...rest, ...own };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
