import { hash } from "../std/hash.ts";
import { unequalNames } from "../std/parted-map.ts";
import type { ResourceSet, XdsResource } from "./resource.ts";
import { encodeAnys, encodeResources } from "./wire.ts";

/** A set without resources: what a new stream has. */
export const EMPTY_SET: ResourceSet = { resources: new Map() };

/** Bodies up to this size stay cached with their difference; larger ones only while some stream still sends them. */
const KEEP_BYTES = 64 * 1024;

/** What leads from one set to another, with its encoding; shared by all streams that take the same step. */
export class Difference {
  readonly changed: readonly XdsResource[];
  readonly removed: readonly string[];
  #small: Buffer | undefined;
  #large: WeakRef<Buffer> | undefined;

  constructor(changed: readonly XdsResource[], removed: readonly string[]) {
    this.changed = changed;
    this.removed = removed;
  }

  /** `changed` as the `resources` field of a DeltaDiscoveryResponse. */
  body(typeUrl: string): Buffer {
    const known = this.#small ?? this.#large?.deref();
    if (known) return known;
    const body = encodeResources(typeUrl, this.changed);
    if (body.length <= KEEP_BYTES) this.#small = body;
    else this.#large = new WeakRef(body);
    return body;
  }
}

const NONE = new Difference([], []);
const known = new WeakMap<ResourceSet, WeakMap<ResourceSet, Difference>>();

/** The difference between two sets, by name and version; computed once for each pair. `onDemand` is not compared. */
export function difference(from: ResourceSet, to: ResourceSet): Difference {
  if (from === to) return NONE;
  let targets = known.get(from);
  if (!targets) {
    targets = new WeakMap();
    known.set(from, targets);
  }
  let answer = targets.get(to);
  if (!answer) {
    answer = compare(from, to);
    targets.set(to, answer);
  }
  return answer;
}

function compare(from: ResourceSet, to: ResourceSet): Difference {
  const changed: XdsResource[] = [];
  const removed: string[] = [];
  for (const name of unequalNames(from.resources, to.resources)) {
    const resource = to.resources.get(name);
    if (resource === undefined) removed.push(name);
    else if (from.resources.get(name)?.version !== resource.version) changed.push(resource);
  }
  return new Difference(changed, removed);
}

/** Everything in a set, as a state-of-the-world response holds it. */
export interface Whole {
  readonly resources: readonly XdsResource[];
  /** Hash of names and versions. */
  readonly version: string;
  body(typeUrl: string): Buffer;
}

const wholes = new WeakMap<ResourceSet, Whole>();

/** Everything in a set; encoded once for all streams that are being sent it. */
export function wholeOf(set: ResourceSet): Whole {
  let whole = wholes.get(set);
  if (!whole) {
    whole = wholeOfResources([...set.resources.values()]);
    wholes.set(set, whole);
  }
  return whole;
}

/** The same for resources that are no set of their own. */
export function wholeOfResources(resources: readonly XdsResource[]): Whole {
  let encoded: WeakRef<Buffer> | undefined;
  return {
    resources,
    version: versionOf(resources),
    body(typeUrl) {
      const known = encoded?.deref();
      if (known) return known;
      const body = encodeAnys(typeUrl, resources);
      encoded = new WeakRef(body);
      return body;
    },
  };
}

function versionOf(resources: readonly XdsResource[]): string {
  return hash(resources.map((resource) => `${resource.name}\n${resource.version}\n`).join(""));
}
