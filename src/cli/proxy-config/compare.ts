import type { ConfigDumpResource, ConfigType } from "../../api/contract/proxy-config.ts";

/** Types that are compared. Envoy keeps no versions of endpoints, and lists those of its own clusters among them. */
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
    ...has
      .filter(({ name, version }) => !names.has(name) && version !== "")
      .map(({ name }) => `  ${name}: in Envoy, and not sent`),
    ...sent
      .filter(({ name, version }) => isOther(version, versions.get(name)))
      .map(({ name, version }) => `  ${name}: version ${version} was sent, Envoy has ${versions.get(name)}`),
  ];
  return lines.length === 0 ? [`${title} match`] : [`${title} do not match:`, ...lines.sort()];
}

function isOther(sent: string, has: string | undefined): boolean {
  return sent !== "" && has !== undefined && has !== "" && sent !== has;
}
