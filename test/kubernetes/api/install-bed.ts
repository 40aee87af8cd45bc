import { isDeepStrictEqual } from "node:util";
import type { ApiServer } from "../api-server.ts";

/** What an installation may touch. */
const kinds = [
  "namespaces,serviceaccounts,services,configmaps,secrets,deployments,daemonsets,hpa,pdb,networkpolicies",
  "clusterroles,clusterrolebindings,roles,rolebindings",
  "mutatingwebhookconfigurations,validatingwebhookconfigurations,customresourcedefinitions",
].join(",");

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

/** All objects that an installation may touch, resourceVersion and generation included, by `Kind namespace/name`. */
export async function snapshot(api: ApiServer, more = ""): Promise<Readonly<Record<string, unknown>>> {
  const { items } = JSON.parse(await api.kubectl(["get", `${kinds}${more}`, "-A", "-o", "json"])) as { items: Item[] };
  // The API server has objects of its own, which it goes on writing.
  const ours = items.filter(
    ({ metadata }) =>
      metadata.labels?.["kubernetes.io/bootstrapping"] === undefined && metadata.namespace !== "kube-system",
  );
  return Object.fromEntries(ours.map((item) => [nameOf(item), item.kind === definition ? settled(item) : item]));
}

const definition = "CustomResourceDefinition";

/** The API server goes on writing their status for a while. */
function settled(item: Item): unknown {
  const { status: _, metadata, ...rest } = item as Item & { readonly status?: unknown };
  const { resourceVersion: __, managedFields: ___, ...said } = metadata as Item["metadata"] & Record<string, unknown>;
  return { ...rest, metadata: said };
}

function nameOf({ kind, metadata }: Item): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

/** Names of objects that are in one snapshot alone, or not equal in both. */
export function changed(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name])).sort();
}

/** Without what an object that comes back cannot have again: ids, versions, status, and who wrote which field. */
export function saidOnly(objects: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const lost = new Set(["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"]);
  const entries = Object.entries(objects).map(([name, object]) => {
    const { metadata, status: _, ...rest } = object as Item & { readonly status?: unknown };
    const said = Object.fromEntries(Object.entries(metadata).filter(([key]) => !lost.has(key)));
    return [name, { ...rest, metadata: said }] as const;
  });
  return Object.fromEntries(entries);
}
