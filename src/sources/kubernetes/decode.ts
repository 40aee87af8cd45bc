import type { KubernetesObject } from "../../kubernetes/object.ts";
import { codes } from "../../model/codes.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { deepFreeze } from "../../std/plain.ts";
import { type ObjectReading, readObject, type Validate } from "../text/text.ts";
import { apiVersionOf, type ReadKind } from "./kinds.ts";
import { originOf } from "./origin.ts";
import type { Shared } from "./shared.ts";
import { trim, trimAnnotations, trimLabels } from "./trim.ts";

/** Kinds of Kubernetes itself, which the API server judged: users do not write them for the mesh alone. */
const taken: ReadonlySet<string> = new Set([
  types.Namespace,
  types.Node,
  types.Pod,
  types.EndpointSlice,
  types.Deployment,
  types.Secret,
  types.ConfigMap,
  types.IngressClass,
]);

export interface DecodeOptions {
  readonly shared: Shared;
  readonly validate: Validate;
  /** Fills in the defaults of the kind's schema: those of the version that is read. */
  readonly complete: (resource: Resource) => Resource;
}

/**
 * An object of an API server as the mesh knows it: trimmed, judged like one of a file, frozen. One at which our own rules fail is refused like a
 * bad one: it must not take the others with it, at each start again.
 */
export function decode(kind: ReadKind, object: KubernetesObject, options: DecodeOptions): ObjectReading {
  try {
    return decoded(kind, object, options);
  } catch (error) {
    const { namespace = "", name } = object.metadata;
    const about = { type: kind.type, namespace, name };
    const message = `the object cannot be judged: ${String(error)}`;
    const fix = "this is a fault of Weft's: tell its developers, with the object";
    const position = originOf(about).locate([]);
    return { refused: true, diagnostics: [{ code: codes.invalid, level: "Error", about, position, message, fix }] };
  }
}

function decoded(kind: ReadKind, object: KubernetesObject, options: DecodeOptions): ObjectReading {
  const { shared, validate, complete } = options;
  const plain = resourceOf(kind, object, shared);
  if (taken.has(kind.type)) return { resource: plain, refused: false, diagnostics: [] };
  const { origin, ...said } = plain;
  const read = readObject(asObject(kind, object, said), origin, validate);
  if (read.resource === undefined) return read;
  const { labels, annotations } = said;
  return { ...read, resource: deepFreeze({ ...complete(read.resource), labels, annotations }) };
}

function resourceOf({ type, resource }: ReadKind, object: KubernetesObject, shared: Shared): Resource {
  const { metadata } = object;
  const { spec, status, data } = trim(type, object, shared);
  const created = Date.parse(String(metadata["creationTimestamp"] ?? ""));
  const ref = { type, namespace: shared.text(metadata.namespace ?? ""), name: metadata.name };
  return deepFreeze({
    ...ref,
    apiVersion: shared.text(apiVersionOf(resource)),
    labels: shared.value(trimLabels(type, fields(metadata["labels"]))) as Resource["labels"],
    annotations: shared.value(trimAnnotations(type, fields(metadata["annotations"]))) as Resource["labels"],
    createdAt: Number.isNaN(created) ? 0 : created,
    generation: typeof metadata["generation"] === "number" ? metadata["generation"] : 1,
    spec: spec ?? {},
    ...(status === undefined ? {} : { status }),
    ...(data === undefined ? {} : { data }),
    origin: originOf(ref),
  });
}

/** The object again, without what nobody reads: what a file would say. */
function asObject(
  { resource, type }: ReadKind,
  { metadata }: KubernetesObject,
  { labels, annotations, spec, status, data, name, namespace }: Omit<Resource, "origin">,
): object {
  const { creationTimestamp, generation } = metadata;
  return {
    apiVersion: apiVersionOf(resource),
    kind: type.split(".")[0],
    metadata: { name, ...(namespace === "" ? {} : { namespace }), labels, annotations, creationTimestamp, generation },
    spec,
    ...(status === undefined ? {} : { status }),
    ...data,
  };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
