import type { SidecarSpec } from "../../gen/istio/sidecar.ts";
import type { TelemetrySpec } from "../../gen/istio/telemetry.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { isAmbient, isRedirected, namespaceLabels } from "../ambient.ts";
import { type Analyzer, type Finding, forAll, forEach, nameField, report } from "../finding.ts";
import type { IstioCode } from "../messages.ts";
import { covers, firstKey, podLikesIn, selectorText } from "../workloads.ts";

/** Access logs that go nowhere. */
export const telemetryProviders: Analyzer = {
  name: "telemetry.ProviderAnalyzer",
  description: "Validates that providers in telemetry resource is valid",
  inputs: [types.Telemetry],
  codes: ["IST0157"],
  step: forEach<TelemetrySpec>("telemetryProviders", types.Telemetry, (scope, telemetry) => {
    const defaults = scope.ask(mesh, "").raw["defaultProviders"] as { accessLogging?: readonly unknown[] } | undefined;
    if ((defaults?.accessLogging ?? []).length > 0) return [];
    return (telemetry.spec.accessLogging ?? []).flatMap((logging, i) => {
      if ((logging.providers ?? []).length > 0 || logging.disabled) return [];
      const fix = 'add "providers: [{name: envoy}]", or defaultProviders.accessLogging to the mesh configuration';
      const place = { path: ["spec", "accessLogging", i], fix };
      return [report(telemetry, "IST0157", [telemetry.name, { namespaceOf: telemetry }], place)];
    });
  }),
};

type Selected = Resource<unknown>;

/** How two kinds that select workloads say it, and the codes of their conflicts. */
interface SelectorKind {
  readonly type: string;
  readonly selector: (resource: Selected) => Readonly<Record<string, string>> | undefined;
  readonly path: readonly string[];
  readonly same: IstioCode;
  readonly none: IstioCode;
}

const sidecars: SelectorKind = {
  type: types.Sidecar,
  selector: (r) => (r.spec as SidecarSpec).workloadSelector?.labels,
  path: ["spec", "workloadSelector", "labels"],
  same: "IST0110",
  none: "IST0111",
};

const telemetries: SelectorKind = {
  type: types.Telemetry,
  selector: (r) => (r.spec as TelemetrySpec).selector?.matchLabels,
  path: ["spec", "selector", "matchLabels"],
  same: "IST0159",
  none: "IST0160",
};

export const sidecarSelectors: Analyzer = {
  name: "sidecar.SelectorAnalyzer",
  description:
    "Validates that sidecars that define a workload selector match at least one pod, and that there aren't multiple sidecar resources that select overlapping pods",
  inputs: [types.Sidecar, types.Pod],
  codes: ["IST0101", "IST0110", "IST0167"],
  also: ["KIA0003", "KIA0004"],
  step: forAll("sidecarSelectors", (scope) => selectorConflicts(scope, sidecars)),
};

export const sidecarDefaults: Analyzer = {
  name: "sidecar.DefaultSelectorAnalyzer",
  description: "Validates that there aren't multiple sidecar resources that have no selector",
  inputs: [types.Sidecar],
  codes: ["IST0111", "IST0167"],
  also: ["KIA0002"],
  step: forAll("sidecarDefaults", (scope) => severalDefaults(scope, sidecars)),
};

export const telemetrySelectors: Analyzer = {
  name: "telemetry.SelectorAnalyzer",
  description:
    "Validates that telemetries that define a selector match at least one pod, and that there aren't multiple telemetry resources that select overlapping pods",
  inputs: [types.Telemetry, types.Pod],
  codes: ["IST0101", "IST0159"],
  also: ["KIA0003", "KIA0004"],
  step: forAll("telemetrySelectors", (scope) => selectorConflicts(scope, telemetries)),
};

export const telemetryDefaults: Analyzer = {
  name: "telemetry.DefaultSelectorAnalyzer",
  description: "Validates that there aren't multiple telemetry resources that have no selector",
  inputs: [types.Telemetry],
  codes: ["IST0160"],
  also: ["KIA0002"],
  step: forAll("telemetryDefaults", (scope) => severalDefaults(scope, telemetries)),
};

const ofPods = "selected workload is in ambient mode";
const ofNamespace = "namespace is in ambient mode";

function selectorConflicts(scope: Scope, kind: SelectorKind): Finding[] {
  const byPod = new Map<string, Selected[]>();
  const findings: Finding[] = [];
  for (const resource of listAll(scope, kind.type)) {
    const selector = kind.selector(resource) ?? {};
    if (Object.keys(selector).length === 0) continue;
    const pods = scope.ask(podLikesIn, resource.namespace).filter((pod) => covers(selector, pod.labels));
    const captured = pods.some((pod) => isRedirected(pod.annotations));
    if (kind === sidecars && captured) {
      findings.push(report(resource, "IST0167", [`${ofPods}, the policy has no impact`], { path: kind.path }));
      continue;
    }
    for (const pod of pods) {
      const key = `${pod.namespace}/${pod.name}`;
      byPod.set(key, [...(byPod.get(key) ?? []), resource]);
    }
    if (pods.length > 0) continue;
    const line = [...kind.path, firstKey(selector) ?? ""];
    const fix = `no workload of namespace ${resource.namespace} has these labels`;
    findings.push(report(resource, "IST0101", ["selector", selectorText(selector)], { line, fix, also: "KIA0004" }));
  }
  for (const [key, selecting] of byPod) {
    if (selecting.length < 2) continue;
    const [namespace = "", name = ""] = key.split("/");
    const names = selecting.map((r) => r.name).sort();
    for (const resource of selecting) {
      const fix = `make the selectors differ: ${others(selecting, resource)} selects it as well`;
      findings.push(
        report(resource, kind.same, [names, namespace, name], {
          path: kind.path,
          line: nameField,
          fix,
          also: "KIA0003",
        }),
      );
    }
  }
  return findings;
}

function severalDefaults(scope: Scope, kind: SelectorKind): Finding[] {
  const byNamespace = Map.groupBy(
    listAll(scope, kind.type).filter((r) => kind.selector(r) === undefined),
    (r) => r.namespace,
  );
  return [...byNamespace].flatMap(([namespace, all]) => {
    if (kind === sidecars && isAmbient({}, namespaceLabels(scope, namespace)))
      return all.map((r) =>
        report(r, "IST0167", [`${ofNamespace}, the policy has no impact`], { path: ["metadata", "namespace"] }),
      );
    if (all.length < 2) return [];
    const names = all.map((r) => r.name).sort();
    return all.map((r) =>
      report(r, kind.none, [names, { namespaceOf: r }], {
        path: ["metadata", "name"],
        fix: `keep one for the namespace: ${others(all, r)} is there as well`,
        also: "KIA0002",
      }),
    );
  });
}

function others(all: readonly Selected[], one: Selected): string {
  return all
    .filter((r) => r !== one)
    .map((r) => `${r.name} (${r.origin.at})`)
    .join(" and ");
}
