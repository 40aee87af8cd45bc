import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { hash } from "../../std/hash.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";

/** A message as the resource that goes to every proxy that shares it. */
export function encoded<Desc extends DescMessage>(
  schema: Desc,
  name: string,
  message: MessageShape<Desc>,
  origins: readonly string[],
): XdsResource {
  const body = toBinary(schema, message);
  return { name, version: hash(body), body, origins };
}

/** Resources mean the same when their bytes and origins do. */
export function sameResource(a: XdsResource | undefined, b: XdsResource | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.name === b.name && a.version === b.version && a.origins.join() === b.origins.join();
}

/** A set of resources; of two with one name the first counts. */
export function setOf(resources: Iterable<XdsResource | undefined>): ResourceSet {
  const byName = new Map<string, XdsResource>();
  for (const resource of resources)
    if (resource !== undefined && !byName.has(resource.name)) byName.set(resource.name, resource);
  return { resources: byName };
}

/** Sets mean the same when they hold the very same resources: a resource that did not change keeps its reference. */
export function sameSet(a: ResourceSet, b: ResourceSet): boolean {
  if (a.resources.size !== b.resources.size) return false;
  for (const [name, resource] of a.resources) if (b.resources.get(name) !== resource) return false;
  return true;
}

/** Lists mean the same when they hold the very same resources in the same order. */
export function sameItems(a: readonly XdsResource[], b: readonly XdsResource[]): boolean {
  return a.length === b.length && a.every((resource, i) => resource === b[i]);
}
