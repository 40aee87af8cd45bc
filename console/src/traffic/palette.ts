import type { Health } from "../../../src/api/contract/health.ts";

/** Colours of the page for what is drawn on canvas, as they are now. */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly hairline: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly accent: string;
  readonly edge: string;
  readonly health: Readonly<Record<Health, string>>;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    page: colour("page"),
    surface: colour("surface"),
    hairline: colour("hairline"),
    line: colour("strong-line"),
    text: colour("text"),
    quiet: colour("quiet"),
    accent: colour("accent"),
    edge: colour("edge"),
    health: {
      healthy: colour("healthy"),
      degraded: colour("degraded"),
      failing: colour("failing"),
      unknown: colour("unknown"),
    },
  };
}

/** Versions of one workload, in the order of their names; apart from the colours of states and from each other for those who see red and green alike. */
const versionColours = ["#4C7DB8", "#8B6BB1", "#B8894C", "#4C9C9C", "#A0522D", "#6B7280"] as const;

/** A colour for each version of each app that has more than one; the same wherever the version is shown. */
export function versionColour(versions: readonly string[], version: string): string | undefined {
  if (versions.length < 2) return undefined;
  const place = versions.toSorted().indexOf(version);
  return place < 0 ? undefined : versionColours[place % versionColours.length];
}
