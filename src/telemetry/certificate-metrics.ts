import { Counter, Gauge, type Registry } from "prom-client";

/** What became of a certificate request: signed, or refused for what istiod counts so. */
export type CertificateOutcome = "ok" | "authentication" | "csr_parsing" | "id_extraction" | "csr_sign";

/** When certificates of the authority and those that it gave out end. */
export interface CertificateGauges {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The root that what is signed now leads to; undefined where none signs. */
  readonly rootExpiresAt: () => number | undefined;
  /** The certificate that signs, or what is above it and ends sooner. */
  readonly chainExpiresAt: () => number | undefined;
  /** Of each workload's certificate that is in use. */
  readonly workloadsExpireAt: () => readonly number[];
}

export interface CertificateMetrics {
  /** A certificate was asked for. */
  signed(outcome: CertificateOutcome): void;
}

/** Adds istiod's metrics of its certificate authority, under its names. Times in them are seconds. */
export function certificateMetrics(registry: Registry, gauges: CertificateGauges | undefined): CertificateMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: `citadel_server_${name}`, help, labelNames, registers });
  const requests = counter("csr_count", "Certificate requests received.");
  const issued = counter("success_cert_issuance_count", "Certificates signed.");
  const failures = {
    authentication: counter("authentication_failure_count", "Certificate requests of callers that were not verified."),
    csr_parsing: counter("csr_parsing_err_count", "Certificate requests that could not be read or are not taken."),
    id_extraction: counter(
      "id_extraction_err_count",
      "Certificate requests of callers without an identity of this mesh.",
    ),
    csr_sign: counter("csr_sign_err_count", "Certificate requests that could not be signed."),
  };
  if (gauges !== undefined) expiryGauges(registers, gauges);
  return {
    signed(outcome) {
      requests.inc();
      (outcome === "ok" ? issued : failures[outcome]).inc();
    },
  };
}

function expiryGauges(registers: Registry[], gauges: CertificateGauges): void {
  const both = (name: string, what: string, at: () => number | undefined) => {
    const seconds = (from: number) => ((at() ?? Number.NaN) - from) / 1000;
    new Gauge({
      name: `citadel_server_${name}_expiry_timestamp`,
      help: `When ${what} ends, seconds since the epoch.`,
      registers,
      collect() {
        this.set(seconds(0));
      },
    });
    new Gauge({
      name: `citadel_server_${name}_expiry_seconds`,
      help: `Seconds until ${what} ends; negative when it is over.`,
      registers,
      collect() {
        this.set(seconds(gauges.now()));
      },
    });
  };
  both("root_cert", "the root certificate", gauges.rootExpiresAt);
  both("cert_chain", "the certificate that signs", gauges.chainExpiresAt);
  // One figure, as each of Istio's agents has of its own: whoever may read metrics learns no names.
  new Gauge({
    name: "cert_expiry_seconds",
    help: "Seconds until the first of the workloads' certificates ends; negative when it is over.",
    labelNames: ["resource_name"],
    registers,
    collect() {
      const first = Math.min(...gauges.workloadsExpireAt());
      this.reset();
      if (Number.isFinite(first)) this.set({ resource_name: "default" }, (first - gauges.now()) / 1000);
    },
  });
}
