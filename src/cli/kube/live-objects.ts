import { covers } from "../../analysis/workloads.ts";
import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import { listPath, type Served, servedTypes } from "../../kubernetes/discovery.ts";
import type { Origin } from "../../model/origin.ts";
import { formatRef, kindOf, type Resource, type Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { decodeObject } from "../../sources/text/object.ts";
import { deepFreeze, withoutNulls } from "../../std/plain.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { type KubeObject, listAll } from "./list.ts";

/** What a cluster's mesh reads, read once. */
export interface LiveObjects {
  readonly resources: readonly Resource[];
  /** Types that this user may not list. */
  readonly forbidden: readonly Type[];
  /** The text of the install namespace's MeshConfig. */
  readonly meshConfig?: string;
}

/** Listed whole. Secrets and ConfigMaps are read by name alone. */
const listed: readonly Type[] = [
  ...Object.values(types).filter(
    (type) =>
      ![types.Secret, types.ConfigMap, types.ServiceAccount, types.Endpoints, types.EndpointSlice].some(
        (left) => left === type,
      ),
  ),
  "StatefulSet.apps",
  "DaemonSet.apps",
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
];

const groups = [...new Set(listed.map((type) => type.slice(kindOf(type).length + 1)))];

/**
 * Reads what the analysers look at. With `namespace`, a user who may not list a kind in all namespaces is asked for that one alone. Rejects with a CliError
 * where nothing can be read.
 */
export async function liveObjects(cluster: KubeCluster, namespace?: string): Promise<LiveObjects> {
  const served = await servedTypes(cluster.ask, groups);
  const forbidden: Type[] = [];
  const read = async (type: Type): Promise<readonly Resource[]> => {
    const known = served.get(type);
    if (known === undefined) return [];
    const objects = await listAllowed(cluster, known, namespace);
    if (objects !== undefined) return objects.flatMap((object) => asResource(object, known));
    forbidden.push(type);
    return [];
  };
  const resources = (await Promise.all(listed.map(read))).flat();
  const secrets = await gatewaySecrets(cluster, resources);
  if (secrets === undefined) forbidden.push(types.Secret);
  const meshConfig = await meshConfigOf(cluster);
  return {
    resources: [...resources, ...(secrets ?? [])],
    forbidden: forbidden.sort(),
    ...(meshConfig === undefined ? {} : { meshConfig }),
  };
}

async function listAllowed(
  cluster: KubeCluster,
  served: Served,
  namespace: string | undefined,
): Promise<readonly KubeObject[] | undefined> {
  const scopes = served.namespaced && namespace !== undefined ? [undefined, namespace] : [undefined];
  for (const scope of scopes) {
    const found = await unlessDenied(() => listAll(cluster, listPath(served, scope)));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function unlessDenied<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.denied && isForbidden(error)) return undefined;
    throw error;
  }
}

/** Not who is asking, but what is asked for, was refused. */
function isForbidden(error: CliError): boolean {
  return error.message.includes("forbidden");
}

/** The Secrets that Gateways name, in the namespaces of their Pods; undefined where some may not be read. */
async function gatewaySecrets(cluster: KubeCluster, resources: readonly Resource[]) {
  const pods = resources.filter((r) => r.type === types.Pod);
  const wanted = new Set<string>();
  for (const gateway of resources.filter((r) => r.type === types.Gateway)) {
    const { selector = {}, servers = [] } = gateway.spec as GatewaySpec;
    const namespaces = new Set(pods.filter((pod) => covers(selector, pod.labels)).map((pod) => pod.namespace));
    const names = servers
      .map((server) => server.tls?.credentialName ?? "")
      .filter((name) => /^[a-z0-9.-]+$/.test(name));
    for (const ns of namespaces) for (const name of names) wanted.add(`${ns}/${name}`).add(`${ns}/${name}-cacert`);
  }
  const served = { type: types.Secret, apiVersion: "v1", plural: "secrets", namespaced: true };
  const found: Resource[] = [];
  for (const one of wanted) {
    const [ns = "", name = ""] = one.split("/");
    const answer = await unlessDenied(async () => ({
      secret: await cluster.find<KubeObject>(`${listPath(served, ns)}/${name}`),
    }));
    if (answer === undefined) return undefined;
    if (answer.secret !== undefined) found.push(...asResource(answer.secret, served));
  }
  return found;
}

async function meshConfigOf(cluster: KubeCluster): Promise<string | undefined> {
  const { installNamespace, revision } = cluster;
  const name = revision === undefined || revision === "default" ? "istio" : `istio-${revision}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(installNamespace)}/configmaps/${encodeURIComponent(name)}`;
  const map = await unlessDenied(() => cluster.find<{ readonly data?: { readonly mesh?: string } }>(path));
  return map?.data?.mesh;
}

/** Lists leave kind and apiVersion of their items out. */
function asResource(object: KubeObject, { type, apiVersion }: Served): Resource[] {
  const whole = { ...object, apiVersion, kind: kindOf(type) };
  const { resource } = decodeObject(whole, nowhere);
  if (resource === undefined) return [];
  const { origin: _, ...plain } = resource;
  const kept = type === types.EnvoyFilter ? plain : withoutNulls(plain);
  return [deepFreeze({ ...kept, spec: kept.spec ?? {}, origin: originOf(formatRef(resource)) })];
}

const nowhere = originOf("");

function originOf(at: string): Origin {
  const start = { file: at, line: 0, column: 0 };
  return { ...start, at, locate: () => start };
}
