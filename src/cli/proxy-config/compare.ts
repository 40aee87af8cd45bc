import type { ConfigDumpResource, ConfigType } from "../../api/cli-contract.ts";

/** Types whose resources carry a version of their own on both sides. */
export const comparedTypes = ["cluster", "listener", "route", "endpoint"] as const satisfies readonly ConfigType[];

/** How what was sent differs from what Envoy has: `Clusters match`, or a line for each resource that differs. */
export function compare(
  type: ConfigType,
  sent: readonly ConfigDumpResource[],
  has: readonly ConfigDumpResource[],
): readonly string[] {
  const title = `${type.charAt(0).toUpperCase()}${type.slice(1)}s`;
  const versions = new Map(has.map(({ name, version }) => [name, version]));
  const names = new Set(sent.map(({ name }) => name));
  const lines = [
    ...sent.filter(({ name }) => !versions.has(name)).map(({ name }) => `  ${name}: sent, and not in Envoy`),
    ...has.filter(({ name }) => !names.has(name)).map(({ name }) => `  ${name}: in Envoy, and not sent`),
    ...sent
      .filter(({ name, version }) => versions.has(name) && version !== "" && versions.get(name) !== version)
      .map(({ name, version }) => `  ${name}: version ${version} was sent, Envoy has ${versions.get(name)}`),
  ];
  return lines.length === 0 ? [`${title} match`] : [`${title} do not match:`, ...lines.sort()];
}
