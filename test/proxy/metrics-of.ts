import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

interface Stat {
  readonly stat: {
    readonly name: string;
    readonly tags?: readonly { readonly name: string; readonly value_format: string }[];
  };
}

/** What listeners count: `INBOUND` or `OUTBOUND` → metric → label → format, each as the first that has it. */
export function metricsOf(listeners: readonly JsonValue[]): { readonly [direction: string]: JsonObject } {
  const found: Record<string, JsonObject> = {};
  for (const listener of listeners) {
    const { traffic_direction: direction } = listener as { traffic_direction: string };
    for (const { stat } of statsIn(listener)) {
      const metrics = found[direction] ?? {};
      found[direction] = metrics;
      metrics[stat.name] ??= Object.fromEntries((stat.tags ?? []).map((tag) => [tag.name, tag.value_format]));
    }
  }
  return found;
}

function statsIn(value: JsonValue): readonly Stat[] {
  if (Array.isArray(value)) return value.flatMap(statsIn);
  if (typeof value !== "object" || value === null) return [];
  if (value["name"] !== "envoy.access_loggers.stats") return Object.values(value).flatMap(statsIn);
  const { counters = [], histograms = [] } = value["typed_config"] as unknown as Record<string, readonly Stat[]>;
  return [...counters, ...histograms];
}
