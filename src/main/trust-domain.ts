import { readFileSync } from "node:fs";
import { load } from "js-yaml";

/** The trust domain that a MeshConfig names; it cannot change while the mesh runs, since every certificate carries it. */
export function trustDomainOf(meshConfig: string | undefined): string {
  if (meshConfig === undefined) return "cluster.local";
  const said = (load(readFileSync(meshConfig, "utf8")) as { trustDomain?: unknown } | null)?.trustDomain;
  return typeof said === "string" && said !== "" ? said : "cluster.local";
}
