import { capturedPort } from "../agent/capture.ts";
import { isCaptured, type Job } from "./context.ts";
import type { Probe } from "./pod.ts";

/**
 * What the kubelet asks until it is answered, before it starts anything after the proxy, where the node redirects the Pod: it connects to a port
 * on which nobody listens. Only a Pod that is redirected answers there, by Envoy's inbound listener, which listens once Envoy has its whole
 * configuration. So no application runs unredirected on a node that had no plugin yet. Undefined where it would prove nothing: then the usual probe.
 */
export function redirectedProbe(job: Job): Pick<Probe, "tcpSocket"> | undefined {
  if (!isCaptured(job) || job.context.settings.capture !== "cni") return undefined;
  const port = capturedPort(job.annotations);
  return port === undefined ? undefined : { tcpSocket: { port } };
}
