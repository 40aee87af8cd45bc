import type { Snapshot } from "../model/snapshot.ts";
import { list } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { MeshActions } from "./actions.ts";
import type { InjectionAnswer, InjectionChange } from "./contract/injection.ts";
import { Refusal, readBody, sendJson } from "./http/answer.ts";
import { type Call, flagOf, type Route } from "./http/route.ts";
import type { MeshState } from "./state.ts";
import { permitOf } from "./who/admit.ts";

/** A label as a patch sets it; null takes it away. */
type Labels = Readonly<Record<string, string | null>>;

/** Whether namespaces and workloads get sidecars, where that can be changed. */
export function injectionRoutes({
  actions: { inject },
  state,
}: {
  readonly actions: MeshActions;
  readonly state: MeshState;
}): Route[] {
  if (inject === undefined) return [];
  return [
    {
      method: "POST",
      path: "/api/v1/injection",
      needs: "change",
      handle: async (call) => sendJson(call.response, await injectionAnswer(inject, state, call)),
    },
  ];
}

async function injectionAnswer(
  inject: NonNullable<MeshActions["inject"]>,
  state: MeshState,
  { request, query, caller, note }: Call,
): Promise<InjectionAnswer> {
  const change = changeIn(await readBody(request, 10_000));
  const { namespace, workload } = change;
  const dryRun = flagOf(query, "dryRun");
  const labels = workload === undefined ? namespaceLabels(change) : podLabels(change);
  const { kind, patch, warnings } = await inject(
    { namespace, workload, labels },
    { dryRun, caller, permit: permitOf(caller) },
  );
  const object = workload === undefined ? `Namespace ${namespace}` : `${kind} ${namespace}/${workload}`;
  note(`${object}: injection ${JSON.stringify(change.to)}${dryRun ? " (dry run)" : ""}`);
  const pods = podsOf(state, namespace, workload);
  return {
    ...{ dryRun, object, patch, warnings, ...pods },
    command: commandOf(change, kind, labels, patch),
    ...(workload === undefined ? { restart: `kubectl rollout restart deployment -n ${namespace}` } : {}),
  };
}

const dnsLabel = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function changeIn(body: string): InjectionChange {
  let read: Partial<Record<keyof InjectionChange, unknown>> = {};
  try {
    read = JSON.parse(body) as typeof read;
  } catch {
    // Told below.
  }
  const { namespace, workload, to } = read ?? {};
  const isName = (name: unknown): name is string => typeof name === "string" && dnsLabel.test(name);
  const revision = (to as { readonly revision?: unknown } | undefined)?.revision;
  const known = to === "enabled" || to === "disabled" || to === "unsaid" ? to : undefined;
  const said = known ?? (isName(revision) && workload === undefined ? { revision } : undefined);
  if (isName(namespace) && (workload === undefined || isName(workload)) && said !== undefined)
    return { namespace, ...(workload === undefined ? {} : { workload }), to: said };
  throw new Refusal(
    422,
    "that is no change of injection",
    'send {"namespace": "shop", "to": "enabled"}, "disabled", "unsaid" or {"revision": "canary"}',
  );
}

/** Both labels are never there at once: the one that counts less would confuse. */
function namespaceLabels({ to }: InjectionChange): Labels {
  if (typeof to === "object") return { "istio-injection": null, "istio.io/rev": to.revision };
  return { "istio-injection": to === "unsaid" ? null : to, "istio.io/rev": null };
}

function podLabels({ to }: InjectionChange): Labels {
  return { "sidecar.istio.io/inject": to === "unsaid" ? null : String(to === "enabled") };
}

function commandOf({ namespace, workload }: InjectionChange, kind: string, labels: Labels, patch: unknown): string {
  if (workload !== undefined)
    return `kubectl patch ${kind.toLowerCase()} ${workload} -n ${namespace} -p '${JSON.stringify(patch)}'`;
  const parts = Object.entries(labels).map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`));
  return `kubectl label namespace ${namespace} --overwrite ${parts.join(" ")}`;
}

/** Pods by whether a proxy stands beside them. */
function podsOf(state: MeshState, namespace: string, workload: string | undefined) {
  const snapshot = state.snapshot();
  const own = state.pods().filter((pod) => pod.namespace === namespace && (workload ?? pod.workload) === pod.workload);
  const has = new Set(own.filter(({ name }) => hasProxy(snapshot, namespace, name)).map(({ name }) => name));
  const names = own.map(({ name }) => name).sort();
  return { within: names.filter((name) => has.has(name)), without: names.filter((name) => !has.has(name)) };
}

function hasProxy(snapshot: Snapshot, namespace: string, name: string): boolean {
  const spec = list(snapshot, types.Pod, namespace).find((pod) => pod.name === name)?.spec ?? {};
  const { containers = [], initContainers = [] } = spec as Readonly<Record<string, readonly { name: string }[]>>;
  return [...containers, ...initContainers].some((one) => one.name === "istio-proxy");
}
