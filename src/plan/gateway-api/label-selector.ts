import type { LabelSelector } from "../../gen/gateway-api/gateway.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";

/** Which namespaces may do something with a listener or Gateway. */
export interface NamespaceRule {
  readonly from?: "All" | "Selector" | "Same" | "None";
  readonly selector?: LabelSelector;
}

/** Whether a rule of an object in `own` lets `other` in. */
export function letsIn(scope: Scope, rule: NamespaceRule, own: string, other: string): boolean {
  if (rule.from === "All") return true;
  if (rule.from === "Same") return own === other;
  if (rule.from !== "Selector" || rule.selector === undefined) return false;
  const labels = scope.get({ type: types.Namespace, namespace: "", name: other })?.labels ?? {};
  return selects(rule.selector, { ...labels, "kubernetes.io/metadata.name": other });
}

/** Kubernetes' label selector: all of it must hold; an empty one selects everything. An operator that nobody knows selects nothing. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      if (operator === "In") return value !== undefined && values.includes(value);
      return operator === "NotIn" && (value === undefined || !values.includes(value));
    })
  );
}
