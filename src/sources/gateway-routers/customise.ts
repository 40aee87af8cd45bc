import { load } from "js-yaml";
import type { Resource } from "../../model/resource.ts";
import type { RouterObjects } from "./objects.ts";

/** Keys of a ConfigMap that a Gateway's `parametersRef` names, by what they change. */
const parts = ["deployment", "service", "serviceAccount"] as const;

/** Keys by which a router is scaled and kept up: objects that are there only where they are wished for. */
export const scaling = ["horizontalPodAutoscaler", "podDisruptionBudget"] as const;

/**
 * A router's objects with the wishes of a ConfigMap: each key holds YAML that is laid over the object, as Istio does (a strategic merge:
 * lists of named things by name). Throws a TypeError that names the key whose text is no map.
 */
export function customised(
  objects: RouterObjects,
  wishes: Readonly<Record<string, string>>,
  scales: boolean,
): RouterObjects {
  const wished = (part: keyof RouterObjects) => {
    const text = wishes[part];
    const base = objects[part] ?? scalers[part as (typeof scaling)[number]](objects.deployment);
    return text === undefined ? base : laidOver(base, overlay(part, text));
  };
  const more = scaling.filter((part) => objects[part] !== undefined || (scales && wishes[part] !== undefined));
  return Object.fromEntries([...parts, ...more].map((part) => [part, wished(part)])) as unknown as RouterObjects;
}

/** What scales a router, before any wish. */
const scalers: Readonly<Record<(typeof scaling)[number], (deployment: Resource) => Resource>> = {
  horizontalPodAutoscaler: (deployment) => ({
    ...deployment,
    ...{ type: "HorizontalPodAutoscaler.autoscaling", apiVersion: "autoscaling/v2" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.name } },
  }),
  podDisruptionBudget: (deployment) => ({
    ...deployment,
    ...{ type: "PodDisruptionBudget.policy", apiVersion: "policy/v1" },
    spec: { selector: (deployment.spec as { readonly selector: unknown }).selector },
  }),
};

interface Overlay {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

function overlay(part: string, text: string): Overlay {
  let value: unknown;
  try {
    value = load(text);
  } catch (error) {
    throw new TypeError(`${part}: ${(error as Error).message.split("\n")[0]}`);
  }
  if (!isMap(value)) throw new TypeError(`${part}: is not a map`);
  return value;
}

function laidOver(resource: Resource, { metadata, spec }: Overlay): Resource {
  return {
    ...resource,
    labels: merged(resource.labels, metadata?.labels) as Resource["labels"],
    annotations: merged(resource.annotations, metadata?.annotations) as Resource["annotations"],
    spec: merged(resource.spec, spec),
  };
}

/** Null takes a field away; a list of named things is merged by name, ports of a Service by number, any other is replaced. */
function merged(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (isMap(base) && isMap(over)) {
    const both = new Set([...Object.keys(base), ...Object.keys(over)]);
    const kept = [...both].filter((key) => over[key] !== null);
    return Object.fromEntries(kept.map((key) => [key, merged(base[key], over[key])]));
  }
  if (Array.isArray(base) && Array.isArray(over)) return mergedLists(base, over);
  return over;
}

function mergedLists(base: readonly unknown[], over: readonly unknown[]): readonly unknown[] {
  const key = ["port", "name"].find((k) => [...base, ...over].every((item) => isMap(item) && item[k] !== undefined));
  if (key === undefined) return over;
  const of = (item: unknown) => (item as Readonly<Record<string, unknown>>)[key];
  const changed = base.map((item) =>
    merged(
      item,
      over.find((o) => of(o) === of(item)),
    ),
  );
  return [...changed, ...over.filter((o) => !base.some((item) => of(item) === of(o)))];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
