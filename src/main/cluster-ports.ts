import { createServer } from "node:http";
import { isIP } from "node:net";
import type { ServeClusterOptions } from "../cli/deps.ts";
import { metricsPage } from "../telemetry/metrics-page.ts";
import { anyAddress } from "./addresses.ts";
import type { ControlPlane } from "./control-plane.ts";
import { openPort } from "./http-port.ts";
import { named } from "./revision.ts";
import type { Renewal } from "./server-certificate.ts";
import type { webhookServer } from "./webhooks.ts";

/** What others know by number: the chart's Service and its probes name them, too. */
export const ports = { xds: 15012, metrics: 15014, webhooks: 15017, health: 8080 } as const;

export interface PortsOptions {
  readonly host: string;
  readonly plane: ControlPlane;
  readonly certificate: Renewal;
  readonly webhooks: ReturnType<typeof webhookServer>;
}

/** Opens all that is reached from elsewhere but health. The answer closes what the plane itself does not. */
export async function openPorts({ host, plane, certificate, webhooks }: PortsOptions): Promise<() => Promise<void>> {
  const xds = await plane.listen({ host, port: ports.xds, tls: certificate.first });
  certificate.follow(xds.setTls);
  // Of this control plane alone: the proxies' own are read from each Pod.
  const page = metricsPage(plane.metrics.registry, () => []);
  const pages = createServer((request, response) => {
    if (request.url?.split("?")[0] === "/metrics") void page(request, response);
    else response.writeHead(404, { "content-type": "text/plain" }).end("here is /metrics\n");
  });
  const open = [
    await openPort(pages, "metrics", host, ports.metrics),
    await openPort(webhooks, "webhooks", host, ports.webhooks),
  ];
  return async () => {
    for (const port of open) await port.close();
  };
}

/** What proxies, the API server and peers call this control plane. */
export function serverNames(
  { namespace, revision }: Pick<ServeClusterOptions, "namespace" | "revision">,
  host: string,
) {
  const service = named("weft", revision);
  const short = `${service}.${namespace}`;
  const dns = [`${short}.svc`, service, short, `${short}.svc.cluster.local`];
  return { dns, ips: isIP(host) === 0 || host === anyAddress() ? [] : [host] };
}
