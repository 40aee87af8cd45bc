import type { Discovery } from "../discovery/discovery.ts";
import { all, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { CertificateGauges } from "../telemetry/certificate-metrics.ts";
import { type ControlPlaneMetrics, controlPlaneMetrics } from "../telemetry/control-plane.ts";
import { version } from "./version.ts";

/** The control plane's own metrics; `discovery` answers undefined until it is there. */
export function figures(discovery: () => Discovery | undefined, certificates?: CertificateGauges): ControlPlaneMetrics {
  const snapshot = () => discovery()?.snapshot ?? empty;
  return controlPlaneMetrics({
    version,
    ...(certificates === undefined ? {} : { certificates }),
    connectedProxies: () => discovery()?.proxies().length ?? 0,
    services: () => all(snapshot(), types.Service).length + all(snapshot(), types.ServiceEntry).length,
    virtualServices: () => all(snapshot(), types.VirtualService).length,
  });
}
