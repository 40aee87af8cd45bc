import {
  areInterfaces,
  arePorts,
  arePortsOrAll,
  areRanges,
  areRangesOrAll,
  isCount,
  isDuration,
  isFlag,
  isNamedObjects,
  isNotEmpty,
  isOneOf,
  isPort,
  isQuantity,
  isYamlMap,
  type ValueCheck,
} from "./annotation-values.ts";

/** What becomes of one of Istio's annotations on a Pod. */
export type Verdict =
  /** It does what it does in Istio; a value that is wrong refuses the Pod. */
  | { readonly does: ValueCheck; readonly refuses?: undefined }
  /** Some values do, the others refuse the Pod: what for. */
  | { readonly does: ValueCheck; readonly refuses: Readonly<Record<string, string>> }
  /** It changes nothing here: why. Told as a warning. */
  | { readonly nothing: string }
  /** Written by the machinery, not by users: nothing is said. */
  | { readonly written: true };

const anything: ValueCheck = () => undefined;
const ambient = { nothing: "it is of ambient mode: this Pod has a sidecar" };
const noAgent = "no agent runs beside Envoy";

const templates: ValueCheck = (value) => {
  const unknown = value.split(",").find((name) => !["sidecar", "gateway"].includes(name.trim()));
  return unknown === undefined ? undefined : `has "${unknown.trim()}"; the templates are sidecar and gateway`;
};

const noGrpc = "proxyless gRPC needs Istio's agent; take the sidecar, which does the same for every gRPC library";

/** Every annotation of Istio that a Pod may have. Source: istio.io/latest/docs/reference/config/annotations. */
export const annotations: Readonly<Record<string, Verdict>> = {
  "ambient.istio.io/bypass-inbound-capture": ambient,
  "ambient.istio.io/dns-capture": ambient,
  "ambient.istio.io/redirection": ambient,
  "inject.istio.io/templates": {
    does: templates,
    refuses: { "grpc-agent": noGrpc, "grpc-simple": noGrpc },
  },
  "istio.io/reroute-virtual-interfaces": { does: areInterfaces },
  "istio.io/rev": { written: true },
  "prometheus.istio.io/merge-metrics": { does: isFlag },
  "proxy.istio.io/config": { does: isYamlMap },
  "proxy.istio.io/overrides": { written: true },
  "readiness.status.sidecar.istio.io/applicationPorts": { nothing: "Istio ignores it, too; write a readinessProbe" },
  "readiness.status.sidecar.istio.io/failureThreshold": { does: isCount },
  "readiness.status.sidecar.istio.io/initialDelaySeconds": { does: isCount },
  "readiness.status.sidecar.istio.io/periodSeconds": { does: isCount },
  "sidecar.istio.io/agentLogLevel": { nothing: `${noAgent}; Envoy's level is sidecar.istio.io/logLevel` },
  "sidecar.istio.io/bootstrapOverride": { does: isNotEmpty },
  "sidecar.istio.io/componentLogLevel": { does: anything },
  "sidecar.istio.io/discoveryAddress": { nothing: "a proxy asks the control plane of its revision" },
  "sidecar.istio.io/extraStatTags": { does: anything },
  "sidecar.istio.io/inject": { does: anything },
  "sidecar.istio.io/interceptionMode": {
    does: isOneOf("REDIRECT", "NONE"),
    refuses: { TPROXY: "it would need NET_ADMIN in the proxy; REDIRECT captures the same traffic" },
  },
  "sidecar.istio.io/logLevel": {
    does: isOneOf("trace", "debug", "info", "warning", "warn", "error", "critical", "off"),
  },
  "sidecar.istio.io/nativeSidecar": {
    does: isFlag,
    refuses: { false: "the proxy is a native sidecar always: it starts before the application and ends after it" },
  },
  "sidecar.istio.io/proxyCPU": { does: isQuantity },
  "sidecar.istio.io/proxyCPULimit": { does: isQuantity },
  "sidecar.istio.io/proxyImage": { does: isNotEmpty },
  "sidecar.istio.io/proxyImageType": { nothing: "there is one image, which has no shell" },
  "sidecar.istio.io/proxyMemory": { does: isQuantity },
  "sidecar.istio.io/proxyMemoryLimit": { does: isQuantity },
  "sidecar.istio.io/rewriteAppHTTPProbers": { does: isFlag },
  "sidecar.istio.io/statsCompression": { does: isOneOf("gzip", "brotli", "zstd") },
  "sidecar.istio.io/statsEvictionInterval": { does: isDuration },
  "sidecar.istio.io/statsFlushInterval": { does: isDuration },
  "sidecar.istio.io/statsHistogramBins": {
    nothing: "histograms have Istio's bounds; write sidecar.istio.io/statsHistogramBuckets",
  },
  "sidecar.istio.io/statsHistogramBuckets": { does: anything },
  "sidecar.istio.io/statsInclusionPrefixes": { does: anything },
  "sidecar.istio.io/statsInclusionRegexps": { does: anything },
  "sidecar.istio.io/statsInclusionSuffixes": { does: anything },
  "sidecar.istio.io/status": { written: true },
  "sidecar.istio.io/userVolume": { does: isNamedObjects },
  "sidecar.istio.io/userVolumeMount": { does: isNamedObjects },
  "status.sidecar.istio.io/port": { does: isPort },
  "traffic.sidecar.istio.io/excludeInboundPorts": { does: arePorts },
  "traffic.sidecar.istio.io/excludeInterfaces": { does: areInterfaces },
  "traffic.sidecar.istio.io/excludeOutboundIPRanges": { does: areRanges },
  "traffic.sidecar.istio.io/excludeOutboundPorts": { does: arePorts },
  "traffic.sidecar.istio.io/includeInboundPorts": { does: arePortsOrAll },
  "traffic.sidecar.istio.io/includeOutboundIPRanges": { does: areRangesOrAll },
  "traffic.sidecar.istio.io/includeOutboundPorts": { does: arePorts },
  "traffic.sidecar.istio.io/kubevirtInterfaces": { does: areInterfaces },
};

/** What a Pod's annotations are judged to be: sentences for people. */
export interface Judgement {
  /** Refuse the Pod: `annotation sidecar.istio.io/proxyCPU: "lots" is not a quantity; write "100m" or "64Mi"`. */
  readonly errors: readonly string[];
  /** Told when the Pod is made: annotations without an effect. */
  readonly warnings: readonly string[];
}

export function judgeAnnotations(said: Readonly<Record<string, string>>): Judgement {
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(said)) {
    const verdict = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
    if (verdict === undefined || "written" in verdict) continue;
    if ("nothing" in verdict) {
      warnings.push(`annotation ${name} has no effect: ${verdict.nothing}`);
      continue;
    }
    const refused = verdict.refuses === undefined ? undefined : refusal(verdict.refuses, value);
    const fault = refused ?? verdict.does(value);
    if (fault !== undefined) errors.push(`annotation ${name}: ${JSON.stringify(value)} ${fault}`);
  }
  return { errors, warnings };
}

function refusal(refuses: Readonly<Record<string, string>>, value: string): string | undefined {
  const found = value
    .split(",")
    .map((part) => part.trim())
    .find((part) => Object.hasOwn(refuses, part));
  return found === undefined ? undefined : `is refused: ${refuses[found]}`;
}
