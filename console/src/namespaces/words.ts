import type { NamespaceItem } from "../../../src/api/contract/inventory.ts";

/** What a namespace says of sidecars, in a word or two. */
export function injectionWords({ injection, revision }: Pick<NamespaceItem, "injection" | "revision">): string {
  if (injection === "enabled" && revision !== undefined) return `on, ${revision}`;
  return injection === "enabled" ? "on" : injection === "disabled" ? "off" : "not said";
}
