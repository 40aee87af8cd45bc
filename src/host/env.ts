import type { Resource } from "../model/resource.ts";
import type { Container, EnvSource } from "./workload.ts";

/** What a Pod's environment may refer to. */
export interface EnvContext {
  readonly pod: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly ip: string;
    readonly nodeName: string;
    readonly serviceAccount: string;
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** A ConfigMap or Secret of the Pod's namespace. */
  find(type: "ConfigMap" | "Secret", name: string): Resource | undefined;
}

export interface ResolvedEnv {
  readonly env: Readonly<Record<string, string>>;
  /** What could not be resolved: `NAME: ConfigMap settings has no key level`. */
  readonly problems: readonly string[];
}

/** A container's environment with all its references resolved, as the kubelet does it: `envFrom` first, then `env` in order, `$(NAME)` expanded. */
export function containerEnv(container: Container | undefined, context: EnvContext): ResolvedEnv {
  const env: Record<string, string> = {};
  const problems: string[] = [];
  for (const { prefix = "", configMapRef, secretRef } of container?.envFrom ?? []) {
    const [type, ref] = configMapRef ? (["ConfigMap", configMapRef] as const) : (["Secret", secretRef] as const);
    if (ref === undefined) continue;
    const found = context.find(type, ref.name);
    if (found === undefined && !ref.optional) problems.push(`envFrom: there is no ${type} ${ref.name}`);
    for (const [key, value] of Object.entries(payload(found))) env[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of container?.env ?? []) {
    const found = valueFrom === undefined ? expand(value ?? "", env) : referred(valueFrom, context);
    if (typeof found === "string") env[name] = found;
    else if (found !== undefined) problems.push(`${name}: ${found.problem}`);
  }
  return { env, problems };
}

function referred(from: EnvSource, context: EnvContext): string | { problem: string } | undefined {
  if (from.fieldRef)
    return field(from.fieldRef.fieldPath, context) ?? { problem: `there is no field ${from.fieldRef.fieldPath}` };
  if (from.resourceFieldRef) return "0";
  const [type, ref] = from.configMapKeyRef
    ? (["ConfigMap", from.configMapKeyRef] as const)
    : (["Secret", from.secretKeyRef] as const);
  if (ref === undefined) return { problem: "valueFrom names no source" };
  const found = context.find(type, ref.name);
  const value = payload(found)[ref.key];
  if (value !== undefined) return value;
  if (ref.optional) return undefined;
  return {
    problem: found === undefined ? `there is no ${type} ${ref.name}` : `${type} ${ref.name} has no key ${ref.key}`,
  };
}

function field(path: string, { pod, labels, annotations }: EnvContext): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed) return (keyed[1] === "labels" ? labels : annotations)[keyed[2] as string] ?? "";
  const fields: Record<string, string> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
    "metadata.uid": pod.uid,
    "spec.nodeName": pod.nodeName,
    "spec.serviceAccountName": pod.serviceAccount,
    "status.podIP": pod.ip,
    "status.podIPs": pod.ip,
    "status.hostIP": pod.ip,
  };
  return Object.hasOwn(fields, path) ? fields[path] : undefined;
}

/** A ConfigMap's or Secret's keys as text. */
function payload(resource: Resource | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  const { data, stringData } = (resource?.data ?? {}) as {
    data?: Record<string, unknown>;
    stringData?: Record<string, unknown>;
  };
  for (const [key, value] of Object.entries(data ?? {})) {
    out[key] = resource?.type === "Secret" ? Buffer.from(String(value), "base64").toString("utf8") : String(value);
  }
  for (const [key, value] of Object.entries(stringData ?? {})) out[key] = String(value);
  return out;
}

/** `$(NAME)` becomes the value of an earlier variable, `$$(NAME)` stays `$(NAME)`; an unknown name is left as it is. */
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$)?\(([^)]+)\)/g, (whole, escaped: string | undefined, name: string) =>
    escaped ? `$(${name})` : (env[name] ?? whole),
  );
}

/** Variables of the caller that a Pod's application does not get: they are about the caller, or would lead around the mesh. */
const kept = /^(npm_|WEFT_|VITEST|NODE_OPTIONS$|NODE_CHANNEL_|INIT_CWD$|https?_proxy$|all_proxy$|no_proxy$|SUDO_)/i;

/** The caller's environment for an application: without what is the caller's own, and with the folder of `node` first in PATH. */
export function baseEnv(
  caller: Readonly<Record<string, string | undefined>>,
  nodeFolder: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) if (value !== undefined && !kept.test(name)) env[name] = value;
  return { ...env, PATH: [nodeFolder, ...(caller["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(":")].join(":") };
}
