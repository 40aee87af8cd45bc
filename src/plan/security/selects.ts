/** How a policy chooses its workloads. */
interface Choice {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly targetRef?: Target;
  readonly targetRefs?: readonly Target[];
}

interface Target {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
}

/** Label of the proxies that serve a Gateway API Gateway. */
const gatewayLabel = "gateway.networking.k8s.io/gateway-name";

/**
 * Whether a policy of a namespace (its own, or the root namespace) is for a workload: one with targets is for the proxies of the Gateways that it
 * names, any other for those that its selector covers.
 */
export function selects(policy: Choice, labels: Readonly<Record<string, string>>): boolean {
  const targets = [...(policy.targetRefs ?? []), ...(policy.targetRef === undefined ? [] : [policy.targetRef])];
  if (targets.length > 0) return targets.some((target) => isGatewayOf(target, labels));
  return Object.entries(policy.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

function isGatewayOf({ group, kind, name }: Target, labels: Readonly<Record<string, string>>): boolean {
  return group === "gateway.networking.k8s.io" && kind === "Gateway" && labels[gatewayLabel] === name;
}
