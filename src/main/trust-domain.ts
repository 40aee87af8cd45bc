import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";

/** The trust domain that a MeshConfig names; it cannot change while the mesh runs, since every certificate carries it. */
export function trustDomainOf(meshConfig: string | undefined): string {
  return trustDomainIn(meshConfig === undefined ? "" : readFileSync(meshConfig, "utf8"));
}

/** The same of its text. Throws where that is no YAML. */
export function trustDomainIn(text: string): string {
  const [settings] = loadAll(text) as ({ trustDomain?: unknown } | null | undefined)[];
  const said = settings?.trustDomain;
  return typeof said === "string" && said !== "" ? said : "cluster.local";
}
