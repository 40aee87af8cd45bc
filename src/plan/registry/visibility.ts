/** Whether an object of `owner` that is exported to these namespaces is seen from `viewer`. Source: Istio's exportTo. */
export function exportedTo(exportTo: readonly string[], owner: string, viewer: string): boolean {
  return exportTo.some((ns) => ns === "*" || ns === viewer || (ns === "." && owner === viewer));
}
