import type { Pod } from "./pod.ts";
import type { Owner } from "./workload.ts";

/** A Pod, or the template of one, in an object. */
export interface FoundPod {
  /** Where in the object: `["spec", "template"]`; empty for a Pod. */
  readonly path: readonly (string | number)[];
  readonly pod: Pod;
  readonly namespace: string | undefined;
  /** Undefined for a Pod, which says itself whose it is. */
  readonly owner: Owner | undefined;
  /** `Deployment default/reviews`, for people. */
  readonly name: string;
}

interface KubeObject {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly items?: unknown;
}

/** Kinds with a Pod template, and where. Rollout is Argo's, DeploymentConfig OpenShift's. */
const template = ["spec", "template"];
const places: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  ...{ Deployment: template, ReplicaSet: template, StatefulSet: template, DaemonSet: template, Job: template },
  ...{ ReplicationController: template, DeploymentConfig: template, Rollout: template },
  CronJob: ["spec", "jobTemplate", ...template],
};

/** Pods of an object, and of the items of a List. Nothing for an object that makes none. */
export function podsOf(object: unknown): readonly FoundPod[] {
  if (!isMap(object)) return [];
  const { kind, apiVersion, metadata, items } = object as KubeObject;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items))
    return items.flatMap((item, i) => podsOf(item).map((found) => ({ ...found, path: ["items", i, ...found.path] })));
  const path = typeof kind === "string" && Object.hasOwn(places, kind) ? places[kind] : undefined;
  const pod = path?.reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), object);
  if (path === undefined || !isMap(pod)) return [];
  const { name, namespace } = metadata ?? {};
  return [
    {
      ...{ path, pod: pod as Pod, namespace },
      owner: kind === "Pod" ? undefined : { name, apiVersion: String(apiVersion), kind: String(kind) },
      name: `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name ?? ""}`,
    },
  ];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
