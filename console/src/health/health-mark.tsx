import type { ReactElement } from "react";
import type { Health } from "../../../src/api/contract/health.ts";
import "./health-mark.css";

/** What a state is called beside its shape. */
const healthWords: Readonly<Record<Health, string>> = {
  healthy: "healthy",
  degraded: "degraded",
  failing: "failing",
  unknown: "unknown",
};

/** Worst first, as lists sort it. */
export const healthRank: Readonly<Record<Health, number>> = { failing: 0, degraded: 1, unknown: 2, healthy: 3 };

const shapes: Readonly<Record<Health, ReactElement>> = {
  healthy: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  degraded: <path d="M6 1.2 11.2 10.6H.8Z" fill="currentColor" />,
  failing: <rect x="1.8" y="1.8" width="8.4" height="8.4" rx="0.8" fill="currentColor" />,
  unknown: <circle cx="6" cy="6" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.6" />,
};

/**
 * A state as its own shape in its own colour: dot, triangle, square, ring.
 * @param label what is heard and shown on hover; empty where words beside it say the same.
 */
export function HealthMark({
  health,
  label = healthWords[health],
}: {
  readonly health: Health;
  readonly label?: string;
}): ReactElement {
  const box = { className: `health ${health}`, width: 12, height: 12, viewBox: "0 0 12 12" };
  if (label === "") {
    return (
      <svg {...box} aria-hidden="true">
        {shapes[health]}
      </svg>
    );
  }
  return (
    <svg {...box} role="img" aria-label={label}>
      <title>{label}</title>
      {shapes[health]}
    </svg>
  );
}
