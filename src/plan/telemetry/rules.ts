import type { TelemetrySpec } from "../../gen/istio/telemetry.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { selects } from "../security/selects.ts";

/** What chooses the Telemetry objects of a proxy. */
export interface Telemetered {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Of the root namespace, the proxy's own, and those that select it; what comes later counts more. */
export function telemetryOf(scope: Scope, { namespace, labels }: Telemetered): readonly TelemetrySpec[] {
  const { rootNamespace } = scope.ask(mesh, "");
  const of = (ns: string) =>
    scope.list<TelemetrySpec>(types.Telemetry, ns).toSorted((a, b) => a.createdAt - b.createdAt);
  const isChoosy = ({ selector, targetRef, targetRefs }: TelemetrySpec) =>
    Object.keys(selector?.matchLabels ?? {}).length + (targetRefs?.length ?? 0) > 0 || targetRef !== undefined;
  const wide = [...new Set([rootNamespace, namespace])].flatMap(
    (ns) => of(ns).find(({ spec }) => !isChoosy(spec)) ?? [],
  );
  const own = of(namespace).filter(({ spec }) => isChoosy(spec) && selects(spec, labels));
  return [...wide, ...own].map(({ spec }) => spec);
}
