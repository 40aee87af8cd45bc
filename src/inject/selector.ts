/** A label selector of Kubernetes. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

type Labels = Readonly<Record<string, string>>;

/** Whether labels are selected. As with Istio's lists of selectors, an empty one selects nothing. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  const pairs = Object.entries(matchLabels);
  if (pairs.length === 0 && matchExpressions.length === 0) return false;
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const listed = value !== undefined && values.includes(value);
      return operator === "In" ? listed : !listed;
    })
  );
}

/** Why a value is no label selector, or undefined. */
export function selectorFault(value: unknown): string | undefined {
  const { matchLabels = {}, matchExpressions = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "holds what is no label selector";
  if (typeof matchLabels !== "object" || matchLabels === null) return "holds matchLabels that are no map";
  if (!Array.isArray(matchExpressions)) return "holds matchExpressions that are no list";
  for (const { key, operator, values } of matchExpressions as Record<string, unknown>[]) {
    if (typeof key !== "string") return "holds an expression without a key";
    if (!["In", "NotIn", "Exists", "DoesNotExist"].includes(operator as string))
      return `holds the operator ${JSON.stringify(operator)}; write In, NotIn, Exists or DoesNotExist`;
    if (values !== undefined && !Array.isArray(values)) return "holds values that are no list";
  }
  return undefined;
}
