import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import { type ProxySettings, proxySettings } from "../agent/proxy-settings.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath, Origin } from "../model/origin.ts";
import type { Resource } from "../model/resource.ts";
import { empty, type Snapshot } from "../model/snapshot.ts";
import { shellWords } from "./shell-words.ts";

/** The annotation of a Pod template that says how its container runs as a process of this machine. */
export const runAnnotation = "weft.dev/run";
/** On a Deployment: the folder that its command is relative to, where that is not its file's. */
export const folderAnnotation = "weft.dev/folder";

/** A Kubernetes probe, as written. */
export interface Probe {
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number | string;
    readonly host?: string;
    readonly scheme?: string;
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string };
  readonly exec?: { readonly command?: readonly string[] };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

export interface EnvSource {
  readonly fieldRef?: { readonly fieldPath: string };
  readonly configMapKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  readonly resourceFieldRef?: { readonly resource: string };
}

export interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: EnvSource }[];
  readonly envFrom?: readonly {
    readonly prefix?: string;
    readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
    readonly secretRef?: { readonly name: string; readonly optional?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
}

/** A Deployment, as far as this machine runs it. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  /** Of a rolling update: Pods above and below `replicas` meanwhile. `recreate` stops the old ones first. */
  readonly rollout: { readonly surge: number; readonly unavailable: number; readonly recreate: boolean };
  /** Names the template: Pods with another hash are replaced. Ten characters that fit into a Pod's name. */
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** A `plain` workload has no proxy beside it. */
  readonly proxy: "sidecar" | "router" | "plain";
  /** Absent for a gateway. */
  readonly command?: readonly string[];
  readonly folder: string;
  /** Containers of the template; the command runs as the first. */
  readonly containers: readonly Container[];
  readonly graceSeconds: number;
  readonly drainSeconds: number;
  readonly proxySettings: ProxySettings;
  readonly origin: Origin;
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly strategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
  };
  readonly template?: {
    readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
    readonly spec?: {
      readonly containers?: readonly Container[];
      readonly serviceAccountName?: string;
      readonly serviceAccount?: string;
      readonly terminationGracePeriodSeconds?: number;
    };
  };
}

/**
 * Reads a Deployment. A diagnostic instead of a workload says why it does not run here.
 * `injected` says whether its namespace wants sidecars; `revision` is what else Pods depend on: a change of it replaces them all.
 * `snapshot` has the mesh's settings of proxies.
 */
export function workloadOf(
  deployment: Resource,
  injected: boolean,
  revision: string,
  snapshot: Snapshot = empty,
): Workload | Diagnostic {
  const spec = deployment.spec as DeploymentSpec;
  const labels = spec.template?.metadata?.labels ?? {};
  const annotations = spec.template?.metadata?.annotations ?? {};
  const run = annotations[runAnnotation];
  const gateway = run === undefined && (annotations["inject.istio.io/templates"] ?? "").split(",").includes("gateway");
  const path: FieldPath = ["spec", "template", "metadata", "annotations", runAnnotation];
  if (run === undefined && !gateway) {
    return finding(
      deployment,
      "Info",
      "WEFT0701",
      ["spec", "template"],
      "is not run on this machine",
      `add the annotation ${runAnnotation}: "COMMAND" to the Pod template`,
    );
  }
  const command = run === undefined ? undefined : shellWords(run);
  if (run !== undefined && (command === undefined || command.length === 0)) {
    return finding(
      deployment,
      "Error",
      "WEFT0702",
      path,
      `${JSON.stringify(run)} is not a command`,
      "write a program and its arguments, and close every quote",
    );
  }
  const wanted = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"] ?? String(injected);
  const { namespace } = deployment;
  const config = proxySettings(snapshot, { namespace, labels, annotations });
  const graceSeconds = spec.template?.spec?.terminationGracePeriodSeconds ?? 30;
  const replicas = spec.replicas ?? 1;
  const folder = deployment.annotations[folderAnnotation] ?? resolve(dirname(deployment.origin.file));
  const proxy = gateway ? "router" : wanted === "false" ? "plain" : "sidecar";
  return {
    namespace: deployment.namespace,
    name: deployment.name,
    replicas,
    rollout: rolloutOf(spec.strategy, replicas),
    hash: templateHash(JSON.stringify([spec.template, folder, proxy, revision, config])),
    labels,
    annotations,
    serviceAccount: spec.template?.spec?.serviceAccountName ?? spec.template?.spec?.serviceAccount ?? "default",
    proxy,
    ...(command === undefined ? {} : { command }),
    folder,
    containers: spec.template?.spec?.containers ?? [],
    graceSeconds,
    drainSeconds: config.drainSeconds ?? graceSeconds,
    proxySettings: config,
    origin: deployment.origin,
  };
}

function rolloutOf(strategy: DeploymentSpec["strategy"], replicas: number): Workload["rollout"] {
  const rolling = strategy?.rollingUpdate;
  const surge = share(rolling?.maxSurge ?? "25%", replicas, Math.ceil);
  const unavailable = share(rolling?.maxUnavailable ?? "25%", replicas, Math.floor);
  return {
    surge,
    unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
    recreate: strategy?.type === "Recreate",
  };
}

function share(value: number | string, of: number, round: (n: number) => number): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value);
  return percent ? round((of * Number(percent[1])) / 100) : Number.parseInt(value, 10) || 0;
}

/** Kubernetes' alphabet for generated names: no vowels, so no words; nothing that looks like something else. */
export const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

function templateHash(text: string): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, 10)].map((b) => nameAlphabet[b % nameAlphabet.length]).join("");
}

function finding(
  about: Resource,
  level: Diagnostic["level"],
  code: string,
  path: FieldPath,
  message: string,
  fix: string,
): Diagnostic {
  const { type, namespace, name } = about;
  return { code, level, about: { type, namespace, name }, path, position: about.origin.locate(path), message, fix };
}
