import { Counter, Histogram, type Registry } from "prom-client";

/** What became of a Pod that was to get a proxy. */
export type InjectionOutcome = "success" | "failure" | "skip";

/** What the control plane was told and asked, and what it sent. */
export interface EventMetrics {
  /** An object of that type (`VirtualService.networking.istio.io`, `Pod`) came, changed or went. */
  told(type: string, event: "add" | "update" | "delete"): void;
  /** What began a push: `config`, `endpoint`, `proxy`. */
  triggered(kind: string): void;
  /** A response of that type (`cds`) with so many bytes of resources was answered. */
  sized(type: string, bytes: number): void;
  /** A proxy's configuration was made anew: which types are another (`cds`), and the seconds that it waited for its turn and took. */
  handed(types: readonly string[], waited: number, took: number): void;
  /** The webhook judged an object. */
  reviewed(kind: { readonly group: string; readonly version: string; readonly kind: string }, passed: boolean): void;
  injected(outcome: InjectionOutcome): void;
  /** Configuration of a proxy could not be made, by a fault of ours. */
  failed(): void;
}

/** Kinds of Kubernetes' own that say what runs: istiod counts them apart from configuration. */
const registry: ReadonlySet<string> = new Set([
  "Namespace",
  "Node",
  "Pod",
  "Service",
  "Endpoints",
  "EndpointSlice.discovery.k8s.io",
]);

/** Adds istiod's metrics of events, under its names. */
export function eventMetrics(to: Registry): EventMetrics {
  const registers = [to];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const config = counter("pilot_k8s_cfg_events", "Objects of the mesh that came, changed or went.", ["type", "event"]);
  const services = counter("pilot_k8s_reg_events", "Services, Pods and the like that came, changed or went.", [
    "type",
    "event",
  ]);
  const triggers = counter("pilot_push_triggers", "What began a push.", ["type"]);
  const errors = counter("pilot_total_xds_internal_errors", "Configurations that a fault of ours kept from a proxy.");
  const kinds: ("group" | "version" | "resource")[] = ["group", "version", "resource"];
  const passed = counter("galley_validation_passed", "Objects that the webhook let in.", kinds);
  const refused = counter("galley_validation_failed", "Objects that the webhook refused.", kinds);
  const asked = counter("sidecar_injection_requests_total", "Pods that the webhook was asked about.");
  const injections = {
    success: counter("sidecar_injection_success_total", "Pods that got a proxy."),
    failure: counter("sidecar_injection_failure_total", "Pods that were refused."),
    skip: counter("sidecar_injection_skip_total", "Pods that were to get no proxy."),
  };
  const sizes = new Histogram({
    name: "pilot_xds_config_size_bytes",
    help: "Bytes of the resources of a response, by type.",
    labelNames: ["type"],
    buckets: [1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000],
    registers,
  });
  const { queue, push } = pushTimes(registers);
  return {
    handed: (types, waited, took) => {
      queue.observe(waited);
      for (const type of types) push.observe({ type }, took);
    },
    told: (type, event) => {
      const short = type.slice(0, Math.max(type.indexOf("."), 0)) || type;
      (registry.has(type) ? services : config).inc({ type: short, event });
    },
    triggered: (type) => triggers.inc({ type }),
    sized: (type, bytes) => sizes.observe({ type }, bytes),
    reviewed: ({ group, version, kind }, isPassed) =>
      (isPassed ? passed : refused).inc({ group, version, resource: kind }),
    injected: (outcome) => {
      asked.inc();
      injections[outcome].inc();
    },
    failed: () => errors.inc(),
  };
}

/** With istiod's buckets. All types of a proxy are made together, so each type has the time of all. */
function pushTimes(registers: Registry[]) {
  const queue = new Histogram({
    name: "pilot_proxy_queue_time",
    help: "Seconds from a change until it was a proxy's turn.",
    buckets: [0.1, 0.5, 1, 3, 5, 10, 20, 30],
    registers,
  });
  const push = new Histogram({
    name: "pilot_xds_push_time",
    help: "Seconds to make a proxy's configuration and hand it on, by type that became another.",
    labelNames: ["type"],
    buckets: [0.01, 0.1, 1, 3, 5, 10, 20, 30],
    registers,
  });
  return { queue, push };
}
