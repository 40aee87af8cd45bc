import { parse } from "yaml";
import { withDefaults } from "../analysis/validate/schema/defaults.ts";
import { basisOf } from "../api/basis.ts";
import { yamlOf } from "../api/config-list.ts";
import { crdOf } from "../gen/crds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { pathOf } from "../kubernetes/object.ts";
import { kindOf, type Ref, type Resource } from "../model/resource.ts";
import { originOf } from "../sources/kubernetes/origin.ts";
import { trimAnnotations } from "../sources/kubernetes/trim.ts";
import { parseText } from "../sources/text/text.ts";

/** The path of an object of the mesh's on an API server, in its own API version; undefined for a kind that is not the mesh's. */
export function objectPath({
  type,
  apiVersion,
  namespace,
  name,
}: Ref & Pick<Resource, "apiVersion">): string | undefined {
  const crd = crdOf(type);
  const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
  if (crd === undefined || !/\.(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(type)) return undefined;
  const group = type.slice(kindOf(type).length + 1);
  const resource = { group, version, plural: crd.plural };
  return `${pathOf(resource, crd.scope === "Namespaced" ? namespace : undefined)}/${encodeURIComponent(name)}`;
}

/** What a text says of an object, as an API server takes it: without what it keeps itself. */
export function bodyOf(resource: Resource): KubernetesObject {
  const text = resource.origin.text?.();
  const said = (text === undefined ? {} : parse(text, { version: "1.1" })) as Partial<KubernetesObject>;
  const { status: _, metadata, ...rest } = said;
  const { labels, annotations } = (metadata ?? {}) as { readonly labels?: object; readonly annotations?: object };
  return {
    ...rest,
    metadata: {
      name: resource.name,
      ...(resource.namespace === "" ? {} : { namespace: resource.namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
    },
  };
}

/** An object of an API server as the mesh reads it: the same as the snapshot has of it. */
export function readLive(object: KubernetesObject): Resource | undefined {
  const { metadata, status: _, ...rest } = object;
  const { name, namespace, labels, annotations } = metadata;
  const [read] = parseText(
    "",
    JSON.stringify({ ...rest, metadata: { name, namespace, labels, annotations } }),
  ).resources;
  if (read === undefined) return undefined;
  const kept = trimAnnotations(read.type, read.annotations) as Resource["annotations"];
  const ref = { type: read.type, namespace: read.namespace, name };
  return { ...withDefaults(read), annotations: kept, origin: originOf(ref) };
}

/** By which an object is known to say what it said. */
export function liveBasis(object: KubernetesObject): string {
  const read = readLive(object);
  return read === undefined ? "unreadable" : basisOf(read);
}

/** As the console shows it. */
export function liveYaml(object: KubernetesObject): string | undefined {
  const read = readLive(object);
  return read && yamlOf(read);
}

/** What users say in an object: without what an API server keeps about it, its status, and Kubernetes' long annotation. */
export function saidIn({ metadata, status: _, ...rest }: KubernetesObject): KubernetesObject {
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = metadata;
  const kept = { name, namespace, labels, annotations, finalizers, ownerReferences };
  const defined = Object.entries(kept).filter(([, value]) => value !== undefined);
  return { ...rest, metadata: { ...Object.fromEntries(defined), name } };
}
