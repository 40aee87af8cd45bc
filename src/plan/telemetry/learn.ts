import type { TelemetrySpec } from "../../gen/istio/telemetry.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { selects } from "../security/selects.ts";
import type { Telemetered } from "./rules.ts";

/** A provider of access logs that every mesh has: the control plane itself. */
export const learnProvider = "weft";

/** Whether a workload's requests are all told to the control plane, and by which objects. */
export interface LearnPlan {
  readonly on: boolean;
  readonly origins: readonly string[];
}

/**
 * On where a Telemetry of the root namespace or the workload's own names the provider `weft` for what comes in. It stands beside all other rules of
 * access logs: it neither inherits nor replaces any, and of several objects one is enough. Key: JSON of `Telemetered`.
 */
export const learning: Step<LearnPlan> = {
  name: "plan/learning",
  run: (scope, key) => {
    const { namespace, labels } = JSON.parse(key) as Telemetered;
    const found = [...new Set([scope.ask(mesh, "").rootNamespace, namespace])]
      .flatMap((ns) => scope.list<TelemetrySpec>(types.Telemetry, ns))
      .filter(({ spec }) => wants(spec) && selects(spec, labels));
    return { on: found.length > 0, origins: found.map((t) => t.origin.at) };
  },
};

function wants({ accessLogging = [] }: TelemetrySpec): boolean {
  return accessLogging.some(
    ({ providers, match, disabled }) =>
      disabled !== true && match?.mode !== "CLIENT" && providers?.some((p) => p.name === learnProvider),
  );
}
