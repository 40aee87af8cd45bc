import { type LabelSelector, selects } from "../../model/label-selector.ts";
import type { Resource } from "../../model/resource.ts";

/** What MeshConfig says of the namespaces that are read. */
export interface Choice {
  readonly discoverySelectors: readonly LabelSelector[];
  readonly rootNamespace: string;
}

/** What MeshConfig says, with Istio's defaults. */
export function choiceOf(mesh: Resource | undefined): Choice {
  const { discoverySelectors = [], rootNamespace = "istio-system" } = (mesh?.spec ?? {}) as Partial<Choice>;
  return { discoverySelectors, rootNamespace };
}

/** Whether a namespace with these labels is read. The root namespace always is: else policies of the whole mesh would be lost. */
export function chooses(
  { discoverySelectors, rootNamespace }: Choice,
  name: string,
  labels: Resource["labels"] | undefined,
): boolean {
  if (discoverySelectors.length === 0 || name === "" || name === rootNamespace) return true;
  const all = { "kubernetes.io/metadata.name": name, ...labels };
  return discoverySelectors.some((selector) => selects(selector, all));
}
