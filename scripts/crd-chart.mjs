import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/**
 * Writes the definitions of one source for the chart `weft-crds`: as published, kept when the release goes, descriptions in the first
 * version alone (`kubectl explain` shows that one): Helm keeps chart and manifest in one Secret, which may have 1 MiB.
 */
export function writeCrdChart(folder, compact, { module, version, files, licence, types }, crds) {
  mkdirSync(folder, { recursive: true });
  const from = module === undefined ? files : `${module} ${version}`;
  const head = `# Made by scripts/refresh-crds.mjs from ${from} (${licence}); do not edit.\n`;
  const texts = crds.map((crd) => stringify(kept(crd, compact), { lineWidth: 0, aliasDuplicateObjects: false }));
  writeFileSync(join(folder, `${types}.yaml`), head + texts.join("---\n"));
}

/** With the annotation that keeps it, one by which an equal definition is known without applying it (which is dear), and without labels that speak of another release. */
function kept({ apiVersion, kind, metadata, spec }, compact) {
  const { labels: _, creationTimestamp: __, ...rest } = metadata;
  const versions = spec.versions.map((version, i) => (i === 0 ? version : compact(version)));
  const said = { ...spec, versions };
  const digest = createHash("sha256").update(JSON.stringify(said)).digest("hex").slice(0, 16);
  const annotations = { ...rest.annotations, "helm.sh/resource-policy": "keep", "weft.dev/definition": digest };
  return { apiVersion, kind, metadata: { ...rest, annotations }, spec: said };
}
