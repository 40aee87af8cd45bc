import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The types of resources in istiod's metrics: `cds`, `lds`, `eds`, `rds`, `sds` and the like. */
type PushType = string;

/** What the control plane counts of its own work, under istiod's names so that its dashboards work. */
export interface ControlPlaneMetrics {
  readonly registry: Registry;
  /** A response of that type went out. */
  pushed(type: PushType): void;
  /** A proxy refused a response of that type. */
  rejected(type: PushType): void;
  /** Seconds from a change until a proxy had it. */
  converged(seconds: number): void;
  /** What began a push: `config`, `endpoint`, `proxy`, `secret`. */
  triggered(kind: string): void;
  /** A certificate was asked for, and signed or refused. */
  signed(outcome: "ok" | "refused"): void;
  /** A request was counted for a limit of the whole mesh (`default/reviews/per-user`), or none could be. */
  limited(rule: string, outcome: "allowed" | "limited" | "dry_run_limited" | "error"): void;
}

export interface ControlPlaneGauges {
  readonly version: string;
  readonly connectedProxies: () => number;
  readonly services: () => number;
  readonly virtualServices: () => number;
  /** Seconds since the epoch. */
  readonly rootExpiresAt?: () => number;
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
  const triggers = counter("pilot_push_triggers", "What began a push.", ["type"]);
  const requests = counter("citadel_server_csr_count", "Certificate requests received.", []);
  const issued = counter("citadel_server_success_cert_issuance_count", "Certificates signed.", []);
  const refused = counter("citadel_server_csr_sign_err_count", "Certificate requests that were refused.", []);
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
  if (gauges.rootExpiresAt) {
    gauge(
      registers,
      "citadel_server_root_cert_expiry_timestamp",
      "When the root certificate ends, seconds since the epoch.",
      gauges.rootExpiresAt,
    );
  }
  return {
    registry,
    pushed: (type) => pushes.inc({ type }),
    rejected: (type) => rejects.inc({ type }),
    triggered: (type) => triggers.inc({ type }),
    converged: (seconds) => convergence.observe(seconds),
    limited: (rule, outcome) => limits.inc({ rule, outcome }),
    signed: (outcome) => {
      requests.inc();
      (outcome === "ok" ? issued : refused).inc();
    },
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
