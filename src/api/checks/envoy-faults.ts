interface Line {
  /** The first of its line (`1.38`) without them. */
  readonly since: number;
  readonly faults: readonly string[];
}

/**
 * Vulnerabilities that a stranger can use against a proxy, by lines of Envoy that have fixes. Lines that are not here are older than all and get no
 * fixes, or newer than these. Sources: https://github.com/envoyproxy/envoy/security/advisories, and the notes of releases 1.35.13, 1.36.9, 1.37.5
 * and 1.38.3.
 */
const lines: Readonly<Record<number, Line>> = {
  35: { since: 13, faults: ["CVE-2026-47774", "CVE-2026-47778", "CVE-2026-48044"] },
  36: { since: 9, faults: ["CVE-2026-47774", "CVE-2026-47778", "CVE-2026-48044"] },
  37: { since: 5, faults: ["CVE-2026-47774", "CVE-2026-47778", "CVE-2026-48044"] },
  38: { since: 3, faults: ["CVE-2026-47774", "CVE-2026-47778", "CVE-2026-48044"] },
};
const oldest = Math.min(...Object.keys(lines).map(Number));

/** What is known to be wrong with an Envoy (`1.38.2`), or undefined. What is no version has nothing known. */
export function envoyFault(version: string): string | undefined {
  const [major, minor, patch] = version.split(".").map(Number);
  if (major !== 1 || minor === undefined || patch === undefined || Number.isNaN(minor + patch)) return undefined;
  if (minor < oldest) return `${version} gets no fixes`;
  const line = lines[minor];
  return line !== undefined && patch < line.since ? `${version} has ${line.faults.join(", ")}` : undefined;
}
