import { bootstrap } from "../agent/bootstrap.ts";
import { controlPlaneHost, type Job } from "./context.ts";
import { sdsFiles } from "./credentials.ts";
import { drainsOf } from "./drains.ts";
import { nodeOf } from "./node.ts";
import { argument, placeholder } from "./placeholder.ts";
import type { Resources } from "./pod.ts";
import { probeListener } from "./probes.ts";

/** Where a ConfigMap with a part of a bootstrap is mounted, as in Istio. */
export const overrideFolder = "/etc/istio/custom-bootstrap";
const overrideFile = `${overrideFolder}/custom_bootstrap.json`;

/** The most bytes of one argument that Linux takes (MAX_ARG_STRLEN), less what the kubelet puts in. */
const longestArgument = 128 * 1024 - 4096;

/** Envoy's arguments, bootstrap included; or why they cannot be made. */
export function proxyArgs(job: Job, resources: Resources): readonly string[] | { readonly fault: string } {
  const { annotations, context, proxy } = job;
  const { settings } = context;
  const config = argument(bootstrapOf(job, resources));
  if (Buffer.byteLength(config) > longestArgument)
    return {
      fault: `the proxy's bootstrap is ${Buffer.byteLength(config)} bytes long, more than an argument may be; shorten the annotations and labels that are Istio's`,
    };
  const components = annotations["sidecar.istio.io/componentLogLevel"] ?? settings.componentLogLevel ?? "";
  return [
    // The flag comes first: where both say something, the bootstrap counts.
    ...(annotations["sidecar.istio.io/bootstrapOverride"] === undefined ? [] : ["--config-path", overrideFile]),
    ...["--config-yaml", config, "--disable-hot-restart"],
    ...(proxy.concurrency === 0 ? [] : ["--concurrency", String(proxy.concurrency)]),
    ...["--log-level", annotations["sidecar.istio.io/logLevel"] ?? settings.logLevel],
    ...(components === "" ? [] : ["--component-log-level", components]),
    ...["--drain-time-s", String(proxy.listenerDrainSeconds ?? 45), "--drain-strategy", "immediate"],
    ...proxy.args,
  ];
}

function bootstrapOf(job: Job, resources: Resources): Record<string, unknown> {
  const { context, proxy } = job;
  const host = controlPlaneHost(context);
  const heap = heapOf(resources.limits?.["memory"]);
  const made = bootstrap(nodeOf(job), {
    xds: { address: host, port: 15012, tls: { san: host, ...sdsFiles } },
    admin: { address: "127.0.0.1", port: 15000 },
    // The Pod's own address, be it IPv4 or IPv6.
    listen: { anyone: placeholder("INSTANCE_IP"), self: "127.0.0.1" },
    beside: probeListener(job.probes, drainsOf(job), job.scrapes?.targets),
    ...(heap === undefined ? {} : { maxHeapBytes: heap }),
    settings: proxy.bootstrap,
  });
  return context.bootstrapOverride?.(made, { namespace: job.namespace }) ?? made;
}

const units: Readonly<Record<string, number>> = {
  "": 1,
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** Nine tenths of the memory that the container may have: Envoy sheds load before the kernel ends it. */
function heapOf(limit: string | undefined): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([kMGT]i?|Ki)?$/.exec(String(limit ?? "")) ?? [];
  const factor = units[unit];
  return number === undefined || factor === undefined ? undefined : Math.floor(Number(number) * factor * 0.9);
}
