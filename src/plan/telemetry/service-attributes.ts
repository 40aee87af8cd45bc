/** Annotations of a Pod that say what its telemetry calls it; the rest of each is the attribute's name. */
export const resourcePrefix = "resource.opentelemetry.io/";

/** What service attributes are made of. */
export interface Attributed {
  readonly namespace: string;
  /** Deployment or the like. */
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those with `resourcePrefix`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * How OpenTelemetry's conventions name the service of a Pod, and what else they say of it: each by the Pod's annotation, else by its recommended
 * labels, else by where it runs. Source: opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes
 */
export function serviceAttributes({ namespace, workload, labels, annotations }: Attributed): {
  readonly name: string;
  readonly more: Readonly<Record<string, string>>;
} {
  const said = (name: string) => annotations[`${resourcePrefix}${name}`] || undefined;
  const more = {
    "service.namespace": said("service.namespace") ?? namespace,
    "service.version": said("service.version") ?? labels["app.kubernetes.io/version"],
    "service.instance.id": said("service.instance.id"),
  };
  return {
    name: said("service.name") ?? labels["app.kubernetes.io/instance"] ?? labels["app.kubernetes.io/name"] ?? workload,
    more: Object.fromEntries(Object.entries(more).filter((e): e is [string, string] => (e[1] ?? "") !== "")),
  };
}
