import type { Workload } from "./workload.ts";

/** What is known of one Pod when its Deployment is brought in line. */
export interface PodState {
  readonly name: string;
  readonly hash: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly createdAt: number;
}

export interface Step {
  readonly create: number;
  readonly remove: readonly string[];
}

/**
 * The next step from the Pods that exist to what a Deployment asks for; undefined `workload` means that it is gone. Asked again after every
 * change of a Pod, it ends at `replicas` ready Pods of the new template, as a rolling update does: new ones first ready, then old ones stopped.
 */
export function nextStep(
  workload: Pick<Workload, "hash" | "replicas" | "rollout"> | undefined,
  pods: readonly PodState[],
): Step {
  const living = pods.filter((p) => !p.terminating);
  if (workload === undefined) return { create: 0, remove: living.map((p) => p.name) };
  const { replicas, hash, rollout } = workload;
  const current = living.filter((p) => p.hash === hash);
  const old = living.filter((p) => p.hash !== hash);
  if (rollout.recreate && old.length > 0) return { create: 0, remove: old.map((p) => p.name) };
  const oldStays = rollout.recreate && pods.some((p) => p.terminating && p.hash !== hash);
  const room = old.length === 0 ? replicas - current.length : replicas + rollout.surge - living.length;
  const create = oldStays ? 0 : Math.max(0, Math.min(replicas - current.length, room));
  return {
    create,
    remove: [...surplus(current, replicas), ...replaceable(old, living, replicas - rollout.unavailable)],
  };
}

/** Too many of the new template: those that are not ready go first, then the youngest. */
function surplus(current: readonly PodState[], replicas: number): string[] {
  const order = [...current].sort((a, b) => Number(b.ready) - Number(a.ready) || a.createdAt - b.createdAt);
  return order.slice(replicas).map((p) => p.name);
}

/** Old Pods that may go: one that is not ready serves nobody; of the ready ones as many as leave `least` ready Pods. */
function replaceable(old: readonly PodState[], living: readonly PodState[], least: number): string[] {
  let spare = living.filter((p) => p.ready).length - least;
  const names: string[] = [];
  for (const pod of [...old].sort((a, b) => Number(a.ready) - Number(b.ready) || a.createdAt - b.createdAt)) {
    if (pod.ready && spare-- <= 0) continue;
    names.push(pod.name);
  }
  return names;
}
