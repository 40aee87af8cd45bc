import type { Resource } from "../../model/resource.ts";
import { kindOf } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { closest } from "../../std/closest.ts";
import { isIP } from "../../std/ip.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, report } from "../finding.ts";
import known from "../istio-annotations.json" with { type: "json" };
import type { PodSpec } from "../workloads.ts";

/** What Istio's API says of an annotation. Source: istio.io/api v1.31.1, annotation/annotations.gen.go (Apache-2.0). */
interface Annotation {
  readonly status: string;
  readonly deprecated: boolean;
  /** Kinds that it may be on; `Any`. */
  readonly on: readonly string[];
}

const all = known as Readonly<Record<string, Annotation>>;
const looked = [types.Namespace, types.Service, types.Pod, types.Deployment] as const;
const inject = "sidecar.istio.io/inject";

/** Annotations of Istio's that are misspelt, misplaced, wrong or old. */
export const annotations: Analyzer = {
  name: "annotations.K8sAnalyzer",
  description: "Checks for misplaced and invalid Istio annotations in Kubernetes resources",
  inputs: looked,
  codes: ["IST0107", "IST0108", "IST0125", "IST0135"],
  step: forAll("annotations", (scope) => onEach(scope, checkAnnotation)),
};

/** Annotations of an early phase; told only when asked for by name. */
export const alphaAnnotations: Analyzer = {
  name: "annotations.AlphaAnalyzer",
  description: "Checks for alpha Istio annotations in Kubernetes resources",
  inputs: looked,
  codes: ["IST0136"],
  optional: true,
  step: forAll("alphaAnnotations", (scope) =>
    onEach(scope, (resource, name) =>
      all[name]?.status !== "alpha" || isSetByIstio(resource, name)
        ? []
        : [report(resource, "IST0136", [name], { path: ["metadata", "annotations", name] })],
    ),
  ),
};

function onEach(scope: Scope, check: (resource: Resource, name: string, value: string) => Finding[]): Finding[] {
  return looked.flatMap((type) =>
    listAll(scope, type).flatMap((resource) =>
      Object.entries(resource.annotations).flatMap(([name, value]) =>
        isIstios(name) ? check(resource, name, value) : [],
      ),
    ),
  );
}

function isIstios(name: string): boolean {
  return name === "kubernetes.io/ingress.class" || (name.split("/")[0] ?? "").endsWith("istio.io");
}

function checkAnnotation(resource: Resource, name: string, value: string): Finding[] {
  const path = ["metadata", "annotations", name];
  const annotation = all[name];
  if (annotation === undefined) {
    const meant = closest(name, Object.keys(all));
    const fix = meant === undefined ? "check the name, or take it out" : `did you mean ${meant}?`;
    return [report(resource, "IST0108", [name], { path, fix })];
  }
  const findings: Finding[] = [];
  if (annotation.deprecated && !(name === inject && resource.labels[inject] !== undefined)) {
    const instead = name === inject ? ` in favor of the "${inject}" label` : "";
    const fix = name === inject ? `write it as a label: ${inject}: "${value}"` : "take it out";
    findings.push(report(resource, "IST0135", [name, instead], { path, fix }));
  }
  if (annotation.on.includes("Any")) return findings;
  if (!annotation.on.includes(kindOf(resource.type))) {
    const fix = `move it to a ${annotation.on.join(" or ")}${annotation.on.includes("Pod") ? "'s metadata (a Deployment's spec.template)" : ""}`;
    return [...findings, report(resource, "IST0107", [name, annotation.on.join(", ")], { path, fix })];
  }
  const fault = rules[name]?.(value);
  if (fault !== undefined) findings.push(report(resource, "IST0125", [name, fault], { path, fix: "mend the value" }));
  return findings;
}

/** What Istio itself writes on Pods: the parts of a container network plugin's set-up, and its own bookkeeping. */
function isSetByIstio(resource: Resource, name: string): boolean {
  if (["istio.io/rev", "ambient.istio.io/redirection", "gateway.istio.io/controller-version"].includes(name))
    return true;
  if (resource.type !== types.Pod) return false;
  const { initContainers = [] } = resource.spec as PodSpec;
  const byPlugin = initContainers.some((c) => c.name === "istio-validation");
  return (
    byPlugin &&
    (name === "sidecar.istio.io/interceptionMode" ||
      name.startsWith("traffic.sidecar.istio.io/include") ||
      name.startsWith("traffic.sidecar.istio.io/exclude"))
  );
}

type Rule = (value: string) => string | undefined;

/** As Go's strconv words it. */
const uint32: Rule = (value) => {
  if (!/^\d+$/.test(value)) return `strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
  return Number(value) > 4_294_967_295
    ? `strconv.ParseUint: parsing ${JSON.stringify(value)}: value out of range`
    : undefined;
};

const bool: Rule = (value) =>
  /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)
    ? undefined
    : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;

const port = (value: string) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;

const ports: Rule = (value) => {
  const wrong = value.split(",").find((text) => text.trim() !== "" && !port(text.trim()));
  return wrong === undefined ? undefined : `portname '${wrong.trim()}' is not a port`;
};

const ranges: Rule = (value) => {
  const wrong = value.split(",").find((text) => {
    const [address = "", prefix, ...rest] = text.trim().split("/");
    const bits = isIP(address) === 6 ? 128 : 32;
    const fits = prefix !== undefined && /^\d+$/.test(prefix) && Number(prefix) <= bits;
    return text.trim() !== "" && (isIP(address) === 0 || !fits || rest.length > 0);
  });
  return wrong === undefined ? undefined : `'${wrong.trim()}' is not a range of addresses`;
};

const starOr =
  (rule: Rule): Rule =>
  (value) =>
    value === "*" ? undefined : rule(value);

const traffic = "traffic.sidecar.istio.io";

const rules: Readonly<Record<string, Rule>> = {
  "sidecar.istio.io/interceptionMode": (value) =>
    ["REDIRECT", "TPROXY", "NONE"].includes(value)
      ? undefined
      : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${value}`,
  "status.sidecar.istio.io/port": (value) => (port(value) || value === "0" ? undefined : `port ${value} is not a port`),
  "readiness.status.sidecar.istio.io/initialDelaySeconds": uint32,
  "readiness.status.sidecar.istio.io/periodSeconds": uint32,
  "readiness.status.sidecar.istio.io/failureThreshold": uint32,
  "prometheus.istio.io/merge-metrics": bool,
  [`${traffic}/includeOutboundIPRanges`]: starOr(ranges),
  [`${traffic}/excludeOutboundIPRanges`]: ranges,
  [`${traffic}/includeInboundPorts`]: starOr(ports),
  [`${traffic}/excludeInboundPorts`]: ports,
  [`${traffic}/excludeOutboundPorts`]: ports,
};
