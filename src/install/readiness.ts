import type { Ask } from "./apply.ts";
import { find } from "./apply.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import type { KubeObject } from "./object.ts";
import { type Condition, type Trouble, troubleOf } from "./trouble.ts";

/** Whether an object does its work by now. */
export interface Readiness {
  readonly ready: boolean;
  /** `1 of 2 replicas available`. */
  readonly text: string;
  readonly trouble?: Trouble;
}

interface Workload {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Webhooks {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Asks how far an applied object is. Kinds that work as soon as they exist are ready. Throws KubernetesError. */
export async function readinessOf(ask: Ask, object: KubeObject, kinds: Kinds): Promise<Readiness> {
  const { kind } = object;
  if (!["Deployment", "DaemonSet", "MutatingWebhookConfiguration", "CustomResourceDefinition"].includes(kind))
    return { ready: true, text: "there" };
  const live = await find(ask, pathOf(object, kinds));
  if (live === undefined) return { ready: false, text: "not there" };
  if (kind === "CustomResourceDefinition") return established(live);
  if (kind === "MutatingWebhookConfiguration") {
    const trusted = (live as unknown as Webhooks).webhooks?.every(({ clientConfig }) => Boolean(clientConfig.caBundle));
    return trusted === true
      ? { ready: true, text: "trusted" }
      : { ready: false, text: "no caBundle yet: the control plane's leader writes it" };
  }
  return workload(ask, live);
}

function established(live: KubeObject): Readiness {
  const status = live["status"] as { readonly conditions?: readonly Condition[] | null } | undefined;
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status }) => type === "NamesAccepted" && status === "False");
  const ready = conditions.some(({ type, status }) => type === "Established" && status === "True");
  return { ready, text: refused?.message ?? (ready ? "established" : "not established yet") };
}

async function workload(ask: Ask, live: KubeObject): Promise<Readiness> {
  const { metadata, spec, status = {} } = live as unknown as Workload;
  const daemon = live.kind === "DaemonSet";
  const wanted = daemon ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const updated = (daemon ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;
  const available = (daemon ? status.numberAvailable : status.availableReplicas) ?? 0;
  const current = (status.observedGeneration ?? 0) >= metadata.generation;
  const settled = daemon || (status.replicas ?? 0) === updated;
  const text = `${Math.min(available, updated)} of ${wanted} ${daemon ? "nodes" : "replicas"} available`;
  if (current && settled && updated >= wanted && available >= wanted) return { ready: true, text };
  const trouble = await troubleIn(ask, live, status.conditions ?? [], spec.selector.matchLabels);
  return { ready: false, text, ...(trouble === undefined ? {} : { trouble }) };
}

async function troubleIn(
  ask: Ask,
  live: KubeObject,
  conditions: readonly Condition[],
  labels: Readonly<Record<string, string>>,
): Promise<Trouble | undefined> {
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const found = await troubleOf(ask, live.metadata.namespace ?? "", selector);
  if (found !== undefined) return found;
  const refused = conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  return refused?.message === undefined ? undefined : { text: `no Pod can be made: ${refused.message}` };
}
