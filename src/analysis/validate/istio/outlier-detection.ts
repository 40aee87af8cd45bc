import type { OutlierDetection } from "../../../gen/istio/destination-rule.ts";
import type { Findings } from "../finding.ts";
import { checkDuration, checkPercent } from "../values.ts";

/** Checks outlier detection. */
export function checkOutlierDetection(outlier: OutlierDetection, found: Findings): void {
  checkDuration(outlier.baseEjectionTime, found.at("baseEjectionTime"));
  checkDuration(outlier.interval, found.at("interval"));
  if ((outlier.consecutiveErrors ?? 0) !== 0) {
    found
      .at("consecutiveErrors")
      .warn(
        "outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead",
        "write consecutive5xxErrors",
      );
  }
  if (!outlier.splitExternalLocalOriginErrors && (outlier.consecutiveLocalOriginFailures ?? 0) > 0) {
    found
      .at("consecutiveLocalOriginFailures")
      .error(
        "outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false",
        "write splitExternalLocalOriginErrors: true",
      );
  }
  checkPercent(outlier.maxEjectionPercent, found.at("maxEjectionPercent"));
  checkPercent(outlier.minHealthPercent, found.at("minHealthPercent"));
}
