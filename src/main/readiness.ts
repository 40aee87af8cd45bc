import { podsOf } from "../api/pods.ts";
import type { PodStatus } from "../api/state.ts";
import type { UpView, WorkloadProgress } from "../cli/up-view.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { PodSpec } from "../plan/registry/workload.ts";

/** Shows workloads until all are ready and every proxy has what it shall have. Rejects when the signal aborts. */
export function untilReady(discovery: Discovery, view: UpView, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const list = progress(discovery);
      view.workloads(list);
      if (!discovery.synced || list.some((w) => !w.ready) || !allServed(discovery)) return;
      stop();
      resolve();
    };
    const stop = discovery.onChange(look);
    signal.addEventListener("abort", () => {
      stop();
      reject(signal.reason as Error);
    });
    look();
  });
}

/** Whether every Pod's proxy is connected (those of a mesh that was taken over come back by themselves) and has all it shall have. */
function allServed(discovery: Discovery): boolean {
  const settled = new Set(
    discovery.proxies().flatMap(({ proxy, session }) => (session.settled ? [`${proxy.namespace}/${proxy.name}`] : [])),
  );
  const proxied = all(discovery.snapshot, types.Pod).filter((pod) =>
    ((pod.spec as PodSpec).containers ?? []).some((c) => c.name === "istio-proxy"),
  );
  return proxied.every((pod) => settled.has(`${pod.namespace}/${pod.name}`));
}

function progress(discovery: Discovery): readonly WorkloadProgress[] {
  const refusals = refusalsOf(discovery);
  const pods = Map.groupBy(podsOf(discovery.snapshot), (pod) => `${pod.namespace}/${pod.workload}`);
  return all(discovery.snapshot, types.Deployment)
    .filter((d) => runsHere(d.spec))
    .map((d) =>
      workload(
        d.namespace,
        d.name,
        (d.spec as { replicas?: number }).replicas ?? 1,
        pods.get(`${d.namespace}/${d.name}`) ?? [],
        refusals,
      ),
    );
}

/** Envoy's words for what a proxy refused. Key: `namespace/pod`. */
function refusalsOf(discovery: Discovery): ReadonlyMap<string, string> {
  return new Map(
    discovery.proxies().flatMap(({ proxy, session }) => {
      const [first] = session.status().flatMap((type) => type.rejected);
      if (first === undefined) return [];
      const words = `its proxy refuses ${first.resource.name} (${first.resource.origins.join(", ")}): ${first.error}`;
      return [[`${proxy.namespace}/${proxy.name}`, words] as const];
    }),
  );
}

/** Deployments that say how they run on a machine, and gateways. */
function runsHere(spec: unknown): boolean {
  const annotations =
    (spec as { template?: { metadata?: { annotations?: Record<string, string> } } }).template?.metadata?.annotations ??
    {};
  return annotations["weft.dev/run"] !== undefined || annotations["inject.istio.io/templates"] === "gateway";
}

function workload(
  namespace: string,
  name: string,
  replicas: number,
  pods: readonly PodStatus[],
  refusals: ReadonlyMap<string, string>,
): WorkloadProgress {
  const ready = pods.filter((p) => p.ready).length;
  const waiting = pods.find((p) => !p.ready);
  const message =
    waiting === undefined
      ? "starting"
      : (waiting.message ??
        refusals.get(`${waiting.namespace}/${waiting.name}`) ??
        (waiting.application === "none" ? "proxy is starting" : `application is ${waiting.application}`));
  return {
    namespace,
    name,
    ready: ready >= replicas,
    message: replicas > 1 ? `${ready} of ${replicas} ready; ${message}` : message,
  };
}
