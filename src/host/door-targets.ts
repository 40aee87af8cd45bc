import type { Target } from "./doors.ts";
import type { Door } from "./options.ts";
import type { Pod } from "./pod.ts";
import type { Workload } from "./workload.ts";

/** Where each door leads now: to Pods that are ready, and to none that is on its way out. */
export function doorTargets(doors: readonly Door[], pods: readonly Pod[]): ReadonlyMap<number, readonly Target[]> {
  const open = pods.filter((pod) => pod.state.ready && !pod.state.terminating);
  return new Map(
    doors.map(({ port, to }) => {
      if ("address" in to) return [port, [to]];
      const chosen = open.filter((pod) => selected(pod.workload, to));
      return [port, chosen.map((pod) => ({ address: pod.place?.ip ?? "", port: to.port }))];
    }),
  );
}

function selected(
  workload: Workload,
  by: { readonly labels: Readonly<Record<string, string>>; readonly namespace?: string },
): boolean {
  if (by.namespace !== undefined && by.namespace !== workload.namespace) return false;
  return Object.entries(by.labels).every(([name, value]) => workload.labels[name] === value);
}
