import type { EnvoyConfigObjectPatch, EnvoyFilterSpec } from "../../gen/istio/envoy-filter.ts";
import type { Proxy as MeshProxy } from "../../model/proxy.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { compileRe2, re2Fault } from "../../std/re2.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import type { ApplyTo, Patch, PatchOperation } from "./patch.ts";

type Filter = Resource<EnvoyFilterSpec>;

/** The version of Istio that a proxy of this mesh passes for, where it says none. */
const istioVersion = "1.31.1";

/** Label of a gateway's Pods that says which Gateway (of Gateway API) they are. */
export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

/** The part of a proxy that patches choose it by. JSON of it is the key of `patchesFor`. */
export interface PatchedProxy {
  readonly kind: MeshProxy["kind"];
  readonly namespace: string;
  /** Of these only what some patch of the mesh looks at: proxies that no patch tells apart share one list. */
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What patches look at in proxies: names of labels and of metadata, sorted. */
interface Mentions {
  readonly labels: readonly string[];
  readonly metadata: readonly string[];
}

/** Key: none. */
const mentions: Step<Mentions> = {
  name: "plan/patchMentions",
  run: (scope) => {
    const specs = listAll<EnvoyFilterSpec>(scope, types.EnvoyFilter).map((f) => f.spec);
    const labels = specs.flatMap((s) => [
      ...Object.keys(s.workloadSelector?.labels ?? {}),
      ...(s.targetRefs === undefined ? [] : [gatewayNameLabel]),
    ]);
    const proxies = specs.flatMap((s) => (s.configPatches ?? []).flatMap((p) => p.match?.proxy ?? []));
    const metadata = proxies.flatMap((p) => [
      ...Object.keys(p.metadata ?? {}),
      ...(p.proxyVersion === undefined ? [] : ["ISTIO_VERSION"]),
    ]);
    return { labels: [...new Set(labels)].sort(), metadata: [...new Set(metadata)].sort() };
  },
};

/** A proxy as patches see it; undefined in a mesh without any. */
export function patchedProxy(
  scope: Scope,
  proxy: Pick<MeshProxy, "kind" | "namespace" | "labels" | "metadata">,
): PatchedProxy | undefined {
  if (scope.namespaces(types.EnvoyFilter).length === 0) return undefined;
  const { labels, metadata } = scope.ask(mentions, "");
  return {
    kind: proxy.kind,
    namespace: proxy.namespace,
    labels: chosen(labels, proxy.labels),
    metadata: chosen(metadata, { ISTIO_VERSION: istioVersion, ...proxy.metadata }),
  };
}

function chosen(names: readonly string[], all: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((n) => (typeof all[n] === "string" ? [[n, all[n] as string]] : [])));
}

/** EnvoyFilters of a proxy in the order in which they are applied. Key: JSON of `PatchedProxy`. */
export const filtersFor: Step<readonly Filter[]> = {
  name: "plan/filtersFor",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as PatchedProxy;
    const { rootNamespace } = scope.ask(mesh, "");
    return [...new Set([rootNamespace, proxy.namespace])]
      .flatMap((ns) => scope.list<EnvoyFilterSpec>(types.EnvoyFilter, ns))
      .filter((filter) => selects(filter, proxy))
      .sort((a, b) => compare(a, b, rootNamespace));
  },
};

/**
 * Patches of a proxy in the order in which they are applied, as JSON of `Patch[]`: proxies with equal patches have equal texts. Key: JSON of
 * `PatchedProxy`.
 */
export const patchesFor: Step<string> = {
  name: "plan/patchesFor",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as PatchedProxy;
    const filters = scope.ask(filtersFor, key);
    return JSON.stringify(filters.flatMap((filter) => patchesOf(filter, proxy)));
  },
};

/** Whether an EnvoyFilter is for a proxy; the namespace has been looked at. */
function selects({ spec, namespace }: Filter, proxy: PatchedProxy): boolean {
  if (spec.targetRefs !== undefined && spec.targetRefs.length > 0) {
    const own = proxy.labels[gatewayNameLabel];
    return (
      proxy.namespace === namespace &&
      spec.targetRefs.some(
        (t) => t.kind === "Gateway" && t.name === own && (t.namespace ?? proxy.namespace) === proxy.namespace,
      )
    );
  }
  return Object.entries(spec.workloadSelector?.labels ?? {}).every(([name, value]) => proxy.labels[name] === value);
}

/** By priority; of equal ones the root namespace's first, then the oldest. */
function compare(a: Filter, b: Filter, root: string): number {
  const [before, after] = [a.spec.priority ?? 0, b.spec.priority ?? 0];
  if (before !== after) return before - after;
  if ((a.namespace === root) !== (b.namespace === root)) return a.namespace === root ? -1 : 1;
  return a.createdAt - b.createdAt || (`${a.name}.${a.namespace}` < `${b.name}.${b.namespace}` ? -1 : 1);
}

function patchesOf(filter: Filter, proxy: PatchedProxy): readonly Patch[] {
  const { type, namespace, name, origin } = filter;
  return (filter.spec.configPatches ?? []).flatMap((config, index) => {
    const { applyTo, patch, match = {} } = config;
    if (applyTo === undefined || patch?.operation === undefined || !isFor(match.proxy, proxy)) return [];
    const { listener, routeConfiguration, cluster } = match;
    return [
      {
        ref: { type, namespace, name },
        index,
        origin: origin.at,
        applyTo: applyTo as ApplyTo,
        operation: operationOf(applyTo as ApplyTo, patch.operation as PatchOperation),
        context: match.context ?? "ANY",
        filterClass: patch.filterClass ?? "UNSPECIFIED",
        match: {
          ...(listener === undefined ? {} : { listener }),
          ...(routeConfiguration === undefined ? {} : { routeConfiguration }),
          ...(cluster === undefined ? {} : { cluster }),
        },
        ...(patch.value === undefined ? {} : { value: patch.value }),
      },
    ];
  });
}

/** What has an order among its neighbours: elsewhere an insertion is an addition. */
const ordered: ReadonlySet<ApplyTo> = new Set(["HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER", "HTTP_ROUTE"]);

function operationOf(applyTo: ApplyTo, operation: PatchOperation): PatchOperation {
  return operation.startsWith("INSERT_") && !ordered.has(applyTo) ? "ADD" : operation;
}

function isFor(match: NonNullable<EnvoyConfigObjectPatch["match"]>["proxy"], { metadata }: PatchedProxy): boolean {
  if (match === undefined) return true;
  const version = metadata["ISTIO_VERSION"] ?? "";
  if (match.proxyVersion !== undefined && match.proxyVersion !== "" && !versionFits(match.proxyVersion, version))
    return false;
  return Object.entries(match.metadata ?? {}).every(([name, value]) => metadata[name] === value);
}

function versionFits(pattern: string, version: string): boolean {
  return version !== "" && re2Fault(pattern) === undefined && compileRe2(pattern).finds(version);
}
