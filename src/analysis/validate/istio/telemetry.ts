import type { TelemetrySpec } from "../../../gen/istio/telemetry.ts";
import { codes } from "../../../model/codes.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { proxyCelFault } from "../schema/proxy-cel.ts";
import { checkTarget, type Target } from "./selector.ts";

/** Istio's rules for a Telemetry. Source: istio pkg/config/validation. */
export function checkTelemetry(resource: Resource, root: Findings): void {
  const spec = resource.spec as TelemetrySpec;
  const found = root.at("spec");
  checkTarget(spec as Target, found);
  checkMetrics(spec, found.at("metrics"));
  checkTracing(spec, found.at("tracing"));
  spec.accessLogging?.forEach((logging, i) => {
    const at = found.at("accessLogging", i);
    const fault = logging.filter?.expression ? proxyCelFault(logging.filter.expression) : undefined;
    if (fault)
      at.at("filter", "expression").error(
        `filter expression: ${fault}`,
        "write CEL, for example response.code >= 400",
        codes.invalid,
      );
    checkProviders(logging.providers, at);
  });
}

function checkProviders(providers: readonly { readonly name: string }[] | undefined, found: Findings): void {
  providers?.forEach(({ name }, i) => {
    if (!name)
      found.at("providers", i).error("providers.name may not be empty", "name a provider of the mesh configuration");
  });
}

function checkMetrics({ metrics }: TelemetrySpec, found: Findings): void {
  metrics?.forEach((metric, i) => {
    checkProviders(metric.providers, found.at(i));
    metric.overrides?.forEach((override, j) => {
      const at = found.at(i, "overrides", j);
      for (const [name, tag] of Object.entries(override.tagOverrides ?? {})) {
        const here = at.at("tagOverrides", name);
        if (name === "") here.warn("tagOverrides.name may not be empty", "write a tag's name");
        const isRemoval = tag.operation === "REMOVE";
        if (!isRemoval && !tag.value)
          here.error("tagOverrides.value must be set when operation is UPSERT", "write value");
        const fault = !isRemoval && tag.value ? proxyCelFault(tag.value) : undefined;
        if (fault)
          here
            .at("value")
            .error(`tag value: ${fault}`, `write CEL, for example request.host; a text as "'text'"`, codes.invalid);
        if (isRemoval && tag.value)
          here.error("tagOverrides.value may only be set when operation is UPSERT", "remove value");
      }
      if (override.match?.customMetric === "")
        at.at("match", "customMetric").error("customMetric may not be empty", "write a metric's name");
    });
  });
}

function checkTracing({ tracing }: TelemetrySpec, found: Findings): void {
  if ((tracing?.length ?? 0) > 1) found.warn("multiple tracing is not currently supported", "keep one");
  tracing?.forEach((trace, i) => {
    const at = found.at(i);
    if ((trace.providers?.length ?? 0) > 1)
      at.at("providers").warn("multiple providers is not currently supported", "keep one");
    checkProviders(trace.providers, at);
    const percentage = trace.randomSamplingPercentage ?? 0;
    if (percentage < 0 || percentage > 100) {
      at.at("randomSamplingPercentage").error(
        "randomSamplingPercentage must be in range [0.0, 100.0]",
        "write a number from 0 to 100",
      );
    }
    for (const [name, tag] of Object.entries(trace.customTags ?? {})) {
      const here = at.at("customTags", name);
      if (name === "") here.error("tag name may not be empty", "write a name");
      if (tag.literal && !tag.literal.value) here.error("literal tag value may not be empty", "write value");
      if (tag.header && !tag.header.name) here.error("header tag name may not be empty", "write name");
      if (tag.environment && !tag.environment.name) here.error("environment tag name may not be empty", "write name");
    }
  });
}
