import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { extensionConfig } from "../../envoy/extension/extension.ts";
import { extendListener } from "../../envoy/extension/slot.ts";
import { explicitListenerName } from "../../envoy/listener/loopback.ts";
import { addedClusters, clusterContext, patchCluster } from "../../envoy/patch/cluster.ts";
import { addedListeners, patchListener } from "../../envoy/patch/listener.ts";
import { listenerContext } from "../../envoy/patch/listener-match.ts";
import { type Patching, type ReadyPatch, readyPatches, valueOf } from "../../envoy/patch/patch.ts";
import { patchRoutes } from "../../envoy/patch/route.ts";
import { explicitRoutesName } from "../../envoy/route/explicit-proxy.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import type { ExtensionSlot } from "../../plan/extension/extension.ts";
import { extensionPlan } from "../../plan/extension/selection.ts";
import { type ApplyTo, type Patch, type PatchContext, patchName } from "../../plan/patch/patch.ts";
import { type PatchedProxy, patchesFor } from "../../plan/patch/selection.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ProxyConfig, ResourceSet, XdsResource } from "../../xds/resource.ts";
import { TYPE } from "../../xds/type-url.ts";
import { encoded, setOf } from "./encoded.ts";

/** Where a patch changed something: the type URL and name of a resource. */
export interface PatchHit {
  /** `default/gzip#0` */
  readonly patch: string;
  readonly type: string;
  readonly resource: string;
}

export interface PatchedConfig {
  readonly config: ProxyConfig;
  readonly hits: readonly PatchHit[];
}

/** What a proxy is, as far as its patches depend on it beside choosing them. */
interface PatchTarget {
  readonly router: boolean;
  /** Absent in a mesh without patches. */
  readonly proxy?: PatchedProxy;
  readonly extensions: readonly ExtensionSlot[];
  /** Port of an inbound cluster → hosts of the services behind it. */
  readonly inboundHosts: Readonly<Record<number, readonly string[]>>;
  /** Port that a router listens on → ports of its Service that lead to it. */
  readonly servicePorts: Readonly<Record<number, readonly number[]>>;
}

/** Where an application that is not captured asks for the way out: what it asks for goes through the listeners that are patched. */
const ownWay: ReadonlySet<string> = new Set([explicitListenerName, explicitRoutesName]);

/** What is patched by which kinds of patches. */
const parts: Readonly<Record<string, readonly ApplyTo[]>> = {
  [TYPE.cluster]: ["CLUSTER"],
  [TYPE.listener]: [
    ...(["LISTENER", "LISTENER_FILTER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"] as const),
    // An inbound listener holds its routes itself.
    ...(["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"] as const),
  ],
  [TYPE.route]: ["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"],
  [TYPE.extension]: ["EXTENSION_CONFIG"],
};

/**
 * A proxy's configuration after its patches. A type that none of them is for keeps its set. Resources are patched once for all proxies that
 * share them and have the same patches, and again only when one of the two changes.
 */
export function patchedConfig(scope: Scope, config: ProxyConfig, target: PatchTarget): PatchedConfig {
  const { proxy, router, extensions } = target;
  const all = proxy === undefined ? [] : (JSON.parse(scope.ask(patchesFor, JSON.stringify(proxy))) as readonly Patch[]);
  const patched = new Map(config);
  const hits: PatchHit[] = [];
  for (const [type, set] of config) {
    const own = all.filter((patch) => Object.hasOwn(parts, type) && parts[type]?.includes(patch.applyTo));
    const slots = type === TYPE.listener || type === TYPE.extension ? extensions : [];
    if (own.length === 0 && slots.length === 0) continue;
    const hosts = type === TYPE.cluster && own.some((p) => p.match.cluster?.service) ? target.inboundHosts : {};
    const ports = type === TYPE.route ? target.servicePorts : {};
    const key: PatcherKey = { type, router, hosts, ports, patches: own, slots };
    const result = scope.ask(patcher, JSON.stringify(key)).patch(set);
    patched.set(type, result.set);
    hits.push(...result.hits);
  }
  return { config: patched, hits };
}

interface PatcherKey {
  readonly type: string;
  readonly router: boolean;
  readonly hosts: Readonly<Record<number, readonly string[]>>;
  readonly ports: Readonly<Record<number, readonly number[]>>;
  readonly patches: readonly Patch[];
  readonly slots: readonly ExtensionSlot[];
}

interface PatchedSet {
  readonly set: ResourceSet;
  readonly hits: readonly PatchHit[];
}

/** Applies patches to resources. It remembers what it made of each: a resource that did not change keeps its reference, patched too. */
interface Patcher {
  patch(set: ResourceSet): PatchedSet;
}

/** Key: JSON of `PatcherKey`. */
const patcher: Step<Patcher> = {
  name: "discovery/patcher",
  run: (scope, key) => {
    const of = JSON.parse(key) as PatcherKey;
    const ready = readyPatches(of.patches);
    const ones = new WeakMap<XdsResource, PatchedOne>();
    const sets = new WeakMap<ResourceSet, PatchedSet>();
    const added = [...extensionsIn(scope, of), ...addedTo(of, ready)];
    const one = (resource: XdsResource) => remembered(ones, resource, () => patchOne(of, ready, resource));
    return { patch: (set) => remembered(sets, set, () => patchSet(set, one, added)) };
  },
};

function remembered<K extends object, V>(made: WeakMap<K, V>, key: K, make: () => V): V {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}

interface PatchedOne {
  /** Absent: removed. */
  readonly resource?: XdsResource;
  readonly hits: readonly PatchHit[];
}

function patchSet(set: ResourceSet, one: (r: XdsResource) => PatchedOne, added: readonly PatchedOne[]): PatchedSet {
  const results = [...[...set.resources.values()].map(one), ...added];
  const { resources } = setOf(results.map((r) => r.resource));
  const { onDemand } = set;
  const lazy = onDemand === undefined ? {} : { onDemand: { get: (name: string) => lazily(onDemand.get(name), one) } };
  return { set: { resources, ...lazy }, hits: results.flatMap((r) => r.hits) };
}

function lazily(resource: XdsResource | undefined, one: (r: XdsResource) => PatchedOne): XdsResource | undefined {
  return resource === undefined ? undefined : one(resource).resource;
}

function patchOne(key: PatcherKey, ready: readonly ReadyPatch[], resource: XdsResource): PatchedOne {
  const { body } = resource;
  if (ownWay.has(resource.name)) return { resource, hits: [] };
  const context = (ofSidecar: PatchContext) => (key.router ? "GATEWAY" : ofSidecar);
  if (key.type === TYPE.listener) {
    const listener = fromBinary(ListenerSchema, body);
    const at = context(listenerContext(listener));
    const placed = extendListener(listener, key.slots, key.router).map((slot) => slot.origin);
    const patch = (patching: Patching) => patchListener(listener, patching);
    return result(key, ready, at, resource, ListenerSchema, patch, placed);
  }
  if (key.type === TYPE.cluster) {
    const at = context(clusterContext(resource.name));
    const patch = (patching: Patching) => patchCluster(fromBinary(ClusterSchema, body), patching);
    return result(key, ready, at, resource, ClusterSchema, patch);
  }
  if (key.type === TYPE.route) {
    const patch = (patching: Patching) => patchRoutes(fromBinary(RouteConfigurationSchema, body), patching);
    return result(key, ready, context("SIDECAR_OUTBOUND"), resource, RouteConfigurationSchema, patch);
  }
  return { resource, hits: [] };
}

/** A resource that no patch changed stays the very same. `before`: origins of what was changed already. */
function result<Desc extends DescMessage>(
  { type, hosts, ports }: PatcherKey,
  patches: readonly ReadyPatch[],
  context: PatchContext,
  resource: XdsResource,
  desc: Desc,
  patch: (at: Patching) => MessageShape<Desc> | undefined,
  before: readonly string[] = [],
): PatchedOne {
  const hit = new Set<Patch>();
  const message = patch({ patches, context, inboundHosts: hosts, servicePorts: ports, hit: (p) => void hit.add(p) });
  if (hit.size === 0 && before.length === 0) return { resource, hits: [] };
  const hits = [...hit].map((p) => ({ patch: patchName(p), type, resource: resource.name }));
  if (message === undefined) return { hits };
  const origins = [...new Set([...resource.origins, ...before, ...[...hit].map((p) => p.origin)])];
  return { resource: { ...resource, ...encoded(desc, resource.name, message, origins) }, hits };
}

/** The settings of extensions, beside the listeners that have their places. */
function extensionsIn(scope: Scope, { type, slots }: PatcherKey): readonly PatchedOne[] {
  if (type !== TYPE.extension) return [];
  return slots.flatMap((slot) => {
    const plan = scope.ask(extensionPlan, slot.key);
    if (plan === undefined) return [];
    return [
      {
        resource: encoded(TypedExtensionConfigSchema, slot.name, extensionConfig(slot, plan), [slot.origin]),
        hits: [],
      },
    ];
  });
}

/** Resources that patches add. */
function addedTo({ type, router }: PatcherKey, patches: readonly ReadyPatch[]): readonly PatchedOne[] {
  const contexts: readonly PatchContext[] = router ? ["GATEWAY"] : ["SIDECAR_INBOUND", "SIDECAR_OUTBOUND"];
  return contexts.flatMap((context) => {
    const from: Patch[] = [];
    const at: Patching = { patches, context, hit: (patch) => void from.push(patch) };
    if (type === TYPE.listener) return addedListeners(at).map((m, i) => addition(type, ListenerSchema, m, from[i]));
    if (type === TYPE.cluster) return addedClusters(at).map((m, i) => addition(type, ClusterSchema, m, from[i]));
    // Extensions have no context of their own.
    if (type !== TYPE.extension || context === "SIDECAR_INBOUND") return [];
    const configs = patches.filter(({ patch }) => patch.operation === "ADD");
    return configs.map((ready) =>
      addition(type, TypedExtensionConfigSchema, valueOf(TypedExtensionConfigSchema, ready), ready.patch),
    );
  });
}

function addition<Desc extends DescMessage>(
  type: string,
  desc: Desc,
  message: MessageShape<Desc> & { readonly name: string },
  patch: Patch | undefined,
): PatchedOne {
  const { name } = message;
  const hits = patch === undefined ? [] : [{ patch: patchName(patch), type, resource: name }];
  return { resource: encoded(desc, name, message, patch === undefined ? [] : [patch.origin]), hits };
}
