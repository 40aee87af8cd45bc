import { ports } from "../agent/bootstrap.ts";
import type { Drain } from "../agent/bootstrap-probes.ts";
import type { Job } from "./context.ts";
import type { Container } from "./pod.ts";

type Ending = Pick<Job, "kind" | "proxy" | "pod" | "drainKey">;

/** What the kubelet asks before it ends the proxy. */
export function drainOf(job: Ending): Drain {
  const path = `/drain/${job.drainKey}`;
  // The proxy is ended after the applications: it does not wait.
  if (job.kind === "sidecar") return { path, command: `${command}&inboundonly`, waitSeconds: 0 };
  return { path, command, waitSeconds: servingSeconds(job) };
}

const command = "/drain_listeners?graceful&skip_exit";

/**
 * What the kubelet asks before it ends an application beside a sidecar. It is told to end at the same moment as its clients are told that it is
 * leaving; until they know it must go on serving. Undefined where nobody calls it as a service: in Jobs.
 */
function applicationDrainOf(job: Ending): Drain | undefined {
  const { restartPolicy = "Always" } = job.pod.spec ?? {};
  const waitSeconds = servingSeconds(job);
  if (job.kind !== "sidecar" || restartPolicy !== "Always" || waitSeconds === 0) return undefined;
  const { path, command } = drainOf(job);
  return { path: `${path}/wait`, command, waitSeconds };
}

/** All that the kubelet may ask. */
export function drainsOf(job: Ending): readonly Drain[] {
  const application = applicationDrainOf(job);
  return [drainOf(job), ...(application === undefined ? [] : [application])];
}

/** A container that goes on serving while its Pod leaves; one that has a hook of its own knows better. */
export function leavingSlowly(container: Container, job: Ending): Container {
  const drain = applicationDrainOf(job);
  if (drain === undefined || container.lifecycle?.preStop !== undefined) return container;
  const preStop = { httpGet: { path: drain.path, port: ports.probes } };
  return { ...container, lifecycle: { ...container.lifecycle, preStop } };
}

/** What is left of the grace period is for the end itself. */
function servingSeconds({ proxy, pod }: Ending): number {
  const grace = pod.spec?.terminationGracePeriodSeconds ?? 30;
  return Math.max(0, Math.min(proxy.drainSeconds ?? grace, grace - 2));
}
