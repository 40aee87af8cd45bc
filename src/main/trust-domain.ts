import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import type { KeyKind } from "../ca/private-key.ts";
import { leafKeyKind } from "../ca/settings.ts";

/** The trust domain that a MeshConfig names; it cannot change while the mesh runs, since every certificate carries it. */
export function trustDomainOf(meshConfig: string | undefined): string {
  return trustDomainIn(meshConfig === undefined ? "" : readFileSync(meshConfig, "utf8"));
}

/** The same of its text. Throws where that is no YAML. */
export function trustDomainIn(text: string): string {
  const said = settingsIn(text)?.trustDomain;
  return typeof said === "string" && said !== "" ? said : "cluster.local";
}

/** The kind of workloads' keys that a MeshConfig's `defaultConfig.proxyMetadata` asks for; as with Istio, read at the start. */
export function leafKeyOf(meshConfig: string | undefined): KeyKind {
  return leafKeyIn(meshConfig === undefined ? "" : readFileSync(meshConfig, "utf8"));
}

/** The same of its text. Throws where that is no YAML. */
export function leafKeyIn(text: string): KeyKind {
  return leafKeyKind(settingsIn(text)?.defaultConfig?.proxyMetadata ?? {});
}

interface Said {
  readonly trustDomain?: unknown;
  readonly defaultConfig?: { readonly proxyMetadata?: Readonly<Record<string, unknown>> };
}

function settingsIn(text: string): Said | null | undefined {
  const [settings] = loadAll(text) as (Said | null | undefined)[];
  return settings;
}
