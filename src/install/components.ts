import type { KubeObject } from "./object.ts";

/** Parts of an installation that people see, in the order in which they come: each needs those before. */
export const components = ["definitions of kinds", "control plane", "CNI plugin", "webhooks", "gateways"] as const;

export type Component = (typeof components)[number];

/** Which part an object belongs to. Gateways are injected, so that they come after the webhooks. */
export function componentOf({ kind, metadata }: KubeObject): Component {
  if (kind === "CustomResourceDefinition") return "definitions of kinds";
  if (kind.endsWith("WebhookConfiguration")) return "webhooks";
  if (metadata.labels?.["k8s-app"] === "weft-cni") return "CNI plugin";
  const app = metadata.labels?.["app"];
  return app === undefined || app === "weft" ? "control plane" : "gateways";
}
