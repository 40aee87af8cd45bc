import type { HttpSettings } from "../plan/proxy/http-settings.ts";
import type { MeshMtls } from "../plan/security/mesh-mtls.ts";
import type { AccessLogPlans } from "../plan/telemetry/access-log.ts";
import type { MetricsPlans } from "../plan/telemetry/metrics.ts";
import type { TracingPlans } from "../plan/telemetry/tracing.ts";

/** The workload that a proxy stands beside, in the words of its telemetry. Its values go into the proxy's configuration literally. */
export interface Local {
  readonly workload: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  readonly kubeCluster: string;
  /** Where its certificates come from: the ADS stream, or the agent that Istio runs beside its proxies. */
  readonly secretsFrom: "ads" | "sds-grpc";
  /** It was not given all that it may call: it asks for a table or cluster that it does not have. */
  readonly asks?: boolean;
  /** How it reads HTTP, where somebody said so. */
  readonly http?: HttpSettings;
  /** What it asks of the mTLS of its callers, where somebody said so. */
  readonly mtls?: MeshMtls;
  /** Names of the providers that may be asked of connections, where there are any. */
  readonly tcpAuthorizers?: readonly string[];
  /** There are providers that are asked over HTTP, and so of requests alone. */
  readonly httpAuthorizers?: boolean;
  /** What it traces. */
  readonly tracing?: TracingPlans;
  /** What it writes of requests and connections. */
  readonly accessLogs?: AccessLogPlans;
  /** What it counts other than usual. */
  readonly metrics?: MetricsPlans;
  /** Name of the mesh; only where something is traced. */
  readonly meshId?: string;
}
