import type { OutlierDetection } from "../../gen/istio/destination-rule.ts";
import { durationMs } from "../mesh.ts";

/** When an endpoint is taken out for a while. Absent counters are Envoy's defaults; 0 switches one off. */
export interface OutlierPlan {
  readonly consecutive5xx?: number;
  readonly consecutiveGatewayErrors?: number;
  /** Set when errors of the connection itself are counted apart; the number may be absent. */
  readonly splitLocalOrigin: boolean;
  readonly consecutiveLocalOrigin?: number;
  readonly intervalMs?: number;
  readonly baseEjectionMs?: number;
  readonly maxEjectionPercent?: number;
  /** Below this share of healthy endpoints all get traffic; 0, the default, never. */
  readonly minHealthPercent: number;
  /** Status codes that count as errors in the place of 5xx. */
  readonly errorCodes: readonly number[];
}

/** What the rule's outlierDetection says. */
export function outlierDetection(said: OutlierDetection | undefined): OutlierPlan | undefined {
  if (said === undefined) return undefined;
  const consecutive5xx = said.consecutive5xxErrors ?? said.consecutiveErrors;
  const intervalMs = said.interval === undefined ? undefined : durationMs(said.interval);
  const baseEjectionMs = said.baseEjectionTime === undefined ? undefined : durationMs(said.baseEjectionTime);
  return {
    ...(consecutive5xx === undefined ? {} : { consecutive5xx }),
    ...(said.consecutiveGatewayErrors === undefined ? {} : { consecutiveGatewayErrors: said.consecutiveGatewayErrors }),
    splitLocalOrigin: said.splitExternalLocalOriginErrors === true,
    ...(said.consecutiveLocalOriginFailures === undefined
      ? {}
      : { consecutiveLocalOrigin: said.consecutiveLocalOriginFailures }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(baseEjectionMs === undefined ? {} : { baseEjectionMs }),
    ...(said.maxEjectionPercent ? { maxEjectionPercent: said.maxEjectionPercent } : {}),
    minHealthPercent: said.minHealthPercent ?? 0,
    errorCodes: said.outlierDetectionHttpErrorCodes ?? [],
  };
}
