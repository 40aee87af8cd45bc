import type { ReactElement } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { HealthMark } from "../health/health-mark.tsx";

const healths: Readonly<Record<Finding["level"], Health>> = { Error: "failing", Warning: "degraded", Info: "unknown" };

/** Worst first; no finding last. */
export function levelRank(level: Finding["level"] | undefined): number {
  return level === "Error" ? 0 : level === "Warning" ? 1 : level === "Info" ? 2 : 3;
}

/** The worst level among findings; absent without findings. */
export function worstOf(findings: readonly Finding[]): Finding["level"] | undefined {
  return findings.map((f) => f.level).toSorted((a, b) => levelRank(a) - levelRank(b))[0];
}

/** A level as its shape: square, triangle, ring; a dot where nothing was found. */
export function LevelMark({ level }: { readonly level: Finding["level"] | undefined }): ReactElement {
  return level ? (
    <HealthMark health={healths[level]} label={level} />
  ) : (
    <HealthMark health="healthy" label="nothing found" />
  );
}
