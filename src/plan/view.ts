/** The part of a proxy that outbound configuration may depend on. Proxies of the same view share it. */
export interface View {
  readonly kind: "sidecar" | "router";
  readonly namespace: string;
  /** Only the labels that some object of the mesh selects client workloads by; sorted by name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A view as a step's key: JSON, so that it can be read back. Equal views have equal keys. */
export function viewKey(view: View): string {
  const labels = Object.fromEntries(Object.entries(view.labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ kind: view.kind, namespace: view.namespace, labels });
}

export function parseView(key: string): View {
  return JSON.parse(key) as View;
}
