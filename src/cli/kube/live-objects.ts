import { covers } from "../../analysis/workloads.ts";
import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import { pathOf } from "../../kubernetes/object.ts";
import { kindOf, type Resource, type Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import {
  apiVersionOf,
  byPriority,
  coreKinds,
  customTypes,
  groupOf,
  namespaces,
  type ReadKind,
  secrets,
} from "../../sources/kubernetes/kinds.ts";
import { originOf } from "../../sources/kubernetes/origin.ts";
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

/** Kinds of Kubernetes that analysers look at, beside those that the mesh reads. */
const beside: readonly ReadKind[] = [
  kind("StatefulSet.apps", "statefulsets"),
  kind("DaemonSet.apps", "daemonsets"),
  kind("ValidatingWebhookConfiguration.admissionregistration.k8s.io", "validatingwebhookconfigurations", false),
  kind("MutatingWebhookConfiguration.admissionregistration.k8s.io", "mutatingwebhookconfigurations", false),
];

/** There are too many of them, and no analyser looks at them. */
const leftOut: readonly Type[] = [types.EndpointSlice];

function kind(type: Type, plural: string, namespaced = true): ReadKind {
  return { type, resource: { group: groupOf(type), version: "v1", plural }, namespaced };
}

/**
 * Reads what the analysers look at; Secrets and ConfigMaps by name alone. With `namespace`, a user who may not list a kind in all namespaces is asked for
 * that one alone. Rejects with a CliError where nothing can be read.
 */
export async function liveObjects(cluster: KubeCluster, namespace?: string): Promise<LiveObjects> {
  const kinds = [namespaces, ...coreKinds, ...beside, ...(await customKinds(cluster))];
  const forbidden: Type[] = [];
  const read = async (one: ReadKind): Promise<readonly Resource[]> => {
    const objects = await listAllowed(cluster, one, namespace);
    if (objects === undefined) forbidden.push(one.type);
    return (objects ?? []).flatMap((object) => asResource(object, one));
  };
  const wanted = kinds.filter(({ type }) => !leftOut.includes(type));
  const resources = (await Promise.all(wanted.map(read))).flat();
  const named = await gatewaySecrets(cluster, resources);
  if (named === undefined) forbidden.push(types.Secret);
  const meshConfig = await meshConfigOf(cluster);
  return {
    resources: [...resources, ...(named ?? [])],
    forbidden: forbidden.sort(),
    ...(meshConfig === undefined ? {} : { meshConfig }),
  };
}

/** Istio's kinds, Gateway API's and Weft's, each in the best version that is served. */
export async function customKinds(cluster: KubeCluster): Promise<readonly ReadKind[]> {
  const groups = [...new Set(customTypes.map(groupOf))];
  const served = (await Promise.all(groups.map((group) => cluster.served(group)))).flat();
  return customTypes.flatMap((type) => {
    const found = served.filter(({ group, kind: name }) => group === groupOf(type) && name === kindOf(type));
    const [best] = found.sort((a, b) => byPriority(a.version, b.version));
    return best === undefined ? [] : [{ type, resource: best, namespaced: best.namespaced }];
  });
}

async function listAllowed(
  cluster: KubeCluster,
  { resource, namespaced }: ReadKind,
  namespace: string | undefined,
): Promise<readonly KubeObject[] | undefined> {
  const scopes = namespaced && namespace !== undefined ? [undefined, namespace] : [undefined];
  for (const scope of scopes) {
    const found = await unlessDenied(() => listAll(cluster, pathOf(resource, scope)));
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
  const secret: ReadKind = { type: types.Secret, resource: secrets, namespaced: true };
  const found: Resource[] = [];
  for (const one of wanted) {
    const [ns = "", name = ""] = one.split("/");
    const answer = await unlessDenied(async () => ({
      secret: await cluster.find<KubeObject>(`${pathOf(secrets, ns)}/${name}`),
    }));
    if (answer === undefined) return undefined;
    if (answer.secret !== undefined) found.push(...asResource(answer.secret, secret));
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
function asResource(object: KubeObject, { type, resource: read }: ReadKind): Resource[] {
  const whole = { ...object, apiVersion: apiVersionOf(read), kind: kindOf(type) };
  const { name, namespace = "" } = object.metadata;
  const { resource } = decodeObject(whole, originOf({ type, namespace, name }));
  if (resource === undefined) return [];
  const { origin, ...plain } = resource;
  const kept = type === types.EnvoyFilter ? plain : withoutNulls(plain);
  return [deepFreeze({ ...kept, spec: kept.spec ?? {}, origin })];
}
