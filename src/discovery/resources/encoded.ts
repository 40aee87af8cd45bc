import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { hash } from "../../std/hash.ts";
import { unequalNames } from "../../std/parted-map.ts";
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

/** A set of resources; of two with one name the first counts. `lazy`: what is sent only to who asks for it. */
export function setOf(
  resources: Iterable<XdsResource | undefined>,
  lazy?: Iterable<XdsResource | undefined>,
): ResourceSet {
  const eager = distinct(resources, new Map());
  return lazy === undefined ? { resources: eager } : { resources: eager, onDemand: distinct(lazy, eager) };
}

function distinct(resources: Iterable<XdsResource | undefined>, taken: ReadonlyMap<string, XdsResource>) {
  const byName = new Map<string, XdsResource>();
  for (const resource of resources)
    if (resource !== undefined && !byName.has(resource.name) && !taken.has(resource.name))
      byName.set(resource.name, resource);
  return byName;
}

/** Sets mean the same when they hold the very same resources: a resource that did not change keeps its reference. */
export function sameSet(a: ResourceSet, b: ResourceSet): boolean {
  return sameMap(a.resources, b.resources) && sameLazy(a.onDemand, b.onDemand);
}

/** Whether two maps hold the very same resources. */
export function sameMap(a: ResourceSet["resources"], b: ResourceSet["resources"]): boolean {
  if (a.size !== b.size) return false;
  for (const _ of unequalNames(a, b)) return false;
  return true;
}

/** What is made when it is asked for (no Map) is the same only as itself. */
function sameLazy(a: ResourceSet["onDemand"], b: ResourceSet["onDemand"]): boolean {
  return a === b || (a instanceof Map && b instanceof Map && sameMap(a, b));
}

/** Lists mean the same when they hold the very same resources in the same order. */
export function sameItems(a: readonly XdsResource[], b: readonly XdsResource[]): boolean {
  return a.length === b.length && a.every((resource, i) => resource === b[i]);
}
