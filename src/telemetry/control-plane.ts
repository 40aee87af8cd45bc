import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type CertificateGauges, type CertificateMetrics, certificateMetrics } from "./certificate-metrics.ts";
import { type EventMetrics, eventMetrics } from "./event-metrics.ts";

/** The types of resources in istiod's metrics: `cds`, `lds`, `eds`, `rds`, `sds` and the like. */
type PushType = string;

/** What the control plane counts of its own work, under istiod's names so that its dashboards work. */
export interface ControlPlaneMetrics extends EventMetrics {
  readonly registry: Registry;
  /** A response of that type went out. */
  pushed(type: PushType): void;
  /** A proxy refused a response of that type. */
  rejected(type: PushType): void;
  /** Seconds from a change until a proxy had it. */
  converged(seconds: number): void;
  /** A certificate was asked for, and signed, or refused for what istiod counts so. */
  readonly signed: CertificateMetrics["signed"];
  /** A request was counted for a limit of the whole mesh (`default/reviews/per-user`), or none could be. */
  limited(rule: string, outcome: "allowed" | "limited" | "dry_run_limited" | "error"): void;
}

export interface ControlPlaneGauges {
  readonly version: string;
  readonly connectedProxies: () => number;
  readonly services: () => number;
  readonly virtualServices: () => number;
  /** Absent where nothing is signed. */
  readonly certificates?: CertificateGauges;
}

/** Makes a registry with istiod's metrics and those of the Node process. */
export function controlPlaneMetrics(gauges: ControlPlaneGauges): ControlPlaneMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const pushes = counter("pilot_xds_pushes", "Responses sent to proxies, by type.", ["type"]);
  const rejects = counter("pilot_total_xds_rejects", "Responses that proxies refused, by type.", ["type"]);
  const certificates = certificateMetrics(registry, gauges.certificates);
  const limits = counter(
    "weft_rate_limit_requests_total",
    "Requests counted at limits of scope Global, by what became of them.",
    ["rule", "outcome"],
  );
  const convergence = new Histogram({
    name: "pilot_proxy_convergence_time",
    help: "Seconds from a change until a proxy had it.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 5, 10, 20, 30],
    registers,
  });
  gauge(registers, "pilot_xds", "Proxies connected.", gauges.connectedProxies, { version: gauges.version });
  gauge(registers, "pilot_services", "Services known.", gauges.services);
  gauge(registers, "pilot_virt_services", "VirtualServices known.", gauges.virtualServices);
  gauge(registers, "pilot_info", "The control plane's version.", () => 1, { version: gauges.version });
  gauge(registers, "istio_build", "The control plane's build.", () => 1, { component: "pilot", tag: gauges.version });
  gauge(registers, "istiod_uptime_seconds", "Seconds since the control plane began.", () => process.uptime());
  return {
    ...eventMetrics(registry),
    registry,
    pushed: (type) => pushes.inc({ type }),
    rejected: (type) => rejects.inc({ type }),
    converged: (seconds) => convergence.observe(seconds),
    limited: (rule, outcome) => limits.inc({ rule, outcome }),
    signed: certificates.signed,
  };
}

function gauge(
  registers: Registry[],
  name: string,
  help: string,
  read: () => number,
  labels: Record<string, string> = {},
): void {
  new Gauge({
    name,
    help,
    labelNames: Object.keys(labels),
    registers,
    collect() {
      this.set(labels, read());
    },
  });
}
