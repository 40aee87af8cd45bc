import type { MergedDestinationRule } from "../cluster/destination-rule.ts";
import { type HashPlan, loadBalancer } from "../cluster/load-balancer.ts";
import { portPolicy } from "../cluster/traffic-policy.ts";

/** What a request's hash is made of, so that equal ones reach the same endpoint. */
export type HashPolicy = HashPlan;

/** Hash policies that the DestinationRule of a destination asks its routes for: none or one. */
export function hashPolicies(
  rule: MergedDestinationRule | undefined,
  subset: string,
  port: number,
): readonly HashPolicy[] {
  const plan = loadBalancer(portPolicy(rule, subset, port).loadBalancer);
  return (plan.kind === "ring-hash" || plan.kind === "maglev") && plan.hash !== undefined ? [plan.hash] : [];
}
