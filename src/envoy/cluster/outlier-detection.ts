import type { OutlierDetectionSchema } from "../../gen/envoy/config/cluster/v3/outlier_detection_pb.js";
import type { OutlierPlan } from "../../plan/cluster/outlier-detection.ts";
import { duration } from "../any.ts";
import type { Init } from "../init.ts";

/** Envoy's detector with only what Istio knows: by consecutive errors. Success rates are off. */
export function outlierDetection(plan: OutlierPlan): Init<typeof OutlierDetectionSchema> {
  const { consecutive5xx, consecutiveGatewayErrors: gateway, consecutiveLocalOrigin: local } = plan;
  return {
    enforcingSuccessRate: 0,
    ...(consecutive5xx === undefined ? {} : { consecutive5xx, enforcingConsecutive5xx: enforced(consecutive5xx) }),
    ...(gateway === undefined
      ? {}
      : { consecutiveGatewayFailure: gateway, enforcingConsecutiveGatewayFailure: enforced(gateway) }),
    ...(plan.intervalMs === undefined ? {} : { interval: duration(plan.intervalMs) }),
    ...(plan.baseEjectionMs === undefined ? {} : { baseEjectionTime: duration(plan.baseEjectionMs) }),
    ...(plan.maxEjectionPercent === undefined ? {} : { maxEjectionPercent: plan.maxEjectionPercent }),
    ...(plan.splitLocalOrigin
      ? {
          splitExternalLocalOriginErrors: true,
          enforcingLocalOriginSuccessRate: 0,
          ...(local === undefined
            ? {}
            : { consecutiveLocalOriginFailure: local, enforcingConsecutiveLocalOriginFailure: enforced(local) }),
        }
      : {}),
  };
}

/** Percent of detections that count: 0 of a kind means "never". */
function enforced(count: number): number {
  return count > 0 ? 100 : 0;
}
