import type { FieldPath } from "../model/origin.ts";
import { kindOf, type Ref, type Resource, type Type } from "../model/resource.ts";
import { types } from "../model/types.ts";
import type { Scope, Step } from "../track/scope.ts";
import { findHost } from "./hosts.ts";
import { type Named, namedIn } from "./named-objects.ts";
import { covers } from "./workloads.ts";

/** That an object names another. */
export interface ObjectReference {
  readonly from: Ref;
  readonly path: FieldPath;
  /** Absent where there is none of that name. */
  readonly to?: Ref;
  /** As it is written. */
  readonly text: string;
}

/** Types whose objects name others. */
const naming: readonly Type[] = [
  ...[types.VirtualService, types.DestinationRule, types.Gateway, types.Sidecar, types.ServiceEntry],
  ...[types.AuthorizationPolicy, types.PeerAuthentication, types.RequestAuthentication],
  ...[types.Telemetry, types.WasmPlugin, types.TrafficExtension, types.EnvoyFilter, types.ProxyConfig],
  ...[types.HttpRoute, types.GrpcRoute, types.TcpRoute, types.TlsRoute, types.UdpRoute],
  ...[types.KubernetesGateway, types.ListenerSet, types.BackendTlsPolicy, types.Service],
  ...[types.RateLimit, types.Fallback, types.Compression],
];

/** The most workloads that one selector is followed to. */
const mostSelected = 50;

/** What one object names. Key: `type/namespace/name`. */
const referencesIn: Step<readonly ObjectReference[]> = {
  name: "analysis/referencesIn",
  run: (scope, key) => {
    const [type = "", namespace = "", name = ""] = key.split("/");
    const object = scope.get({ type, namespace, name });
    if (object === undefined) return [];
    const from = { type, namespace, name };
    return namedIn(object).flatMap((named) => resolved(scope, object, named).map((to) => ({ from, ...to })));
  },
};

/** Every reference of the mesh. Key: none. */
export const allReferences: Step<readonly ObjectReference[]> = {
  name: "analysis/allReferences",
  run: (scope) =>
    naming.flatMap((type) =>
      scope
        .namespaces(type)
        .flatMap((namespace) =>
          scope.names(type, namespace).flatMap((name) => scope.ask(referencesIn, `${type}/${namespace}/${name}`)),
        ),
    ),
};

type Resolved = Omit<ObjectReference, "from">;

function resolved(scope: Scope, object: Resource, named: Named): readonly Resolved[] {
  const { path, text } = named;
  if (named.is === "selector") return selected(scope, object, named);
  if (named.is === "host") {
    const known = findHost(scope, object.namespace, undefined, text);
    const to = known && serviceOf(scope, known.namespace, known.host, known.kind);
    const subset = named.subset === undefined ? [] : subsetOf(scope, object, named.subset, known?.host);
    return [{ path, text, ...(to ? { to } : {}) }, ...subset];
  }
  const ref = { type: named.type, namespace: named.namespace, name: named.name };
  return [{ path, text, ...(scope.get(ref) === undefined ? {} : { to: ref }) }];
}

/** The object that describes a host: a Service by its name, else the ServiceEntry that says it. */
function serviceOf(scope: Scope, namespace: string, host: string, kind: "Service" | "ServiceEntry"): Ref | undefined {
  if (kind === "Service") return { type: types.Service, namespace, name: host.split(".")[0] ?? host };
  const entry = scope
    .list<{ readonly hosts?: readonly string[] }>(types.ServiceEntry, namespace)
    .find((e) => e.spec.hosts?.some((h) => h.toLowerCase() === host));
  return entry && { type: types.ServiceEntry, namespace, name: entry.name };
}

/** DestinationRules that say the subset of the host. */
function subsetOf(
  scope: Scope,
  object: Resource,
  { path, name }: { readonly path: FieldPath; readonly name: string },
  host: string | undefined,
): readonly Resolved[] {
  const rules = scope.namespaces(types.DestinationRule).flatMap((namespace) =>
    scope
      .list<{ readonly host?: string; readonly subsets?: readonly { readonly name?: string }[] }>(
        types.DestinationRule,
        namespace,
      )
      .filter((rule) => rule.spec.subsets?.some((s) => s.name === name))
      .filter((rule) => findHost(scope, rule.namespace, undefined, rule.spec.host ?? "")?.host === host),
  );
  const near = rules.find((rule) => rule.namespace === object.namespace) ?? rules[0];
  const to = near && { type: near.type, namespace: near.namespace, name: near.name };
  return [{ path, text: name, ...(to && host !== undefined ? { to } : {}) }];
}

/** Deployments and their like that a selector covers; where there are none, nothing is named. */
function selected(scope: Scope, object: Resource, named: Extract<Named, { is: "selector" }>): readonly Resolved[] {
  const namespaces = named.everywhere ? scope.namespaces(types.Deployment) : [object.namespace];
  const found = namespaces.flatMap((namespace) =>
    scope
      .list<Templated>(types.Deployment, namespace)
      .filter((d) => covers(named.labels, d.spec.template?.metadata?.labels ?? {})),
  );
  const { path, text } = named;
  if (found.length === 0) return kindOf(object.type) === "Service" ? [] : [{ path, text }];
  return found
    .slice(0, mostSelected)
    .map(({ type, namespace, name }) => ({ path, text, to: { type, namespace, name } }));
}

interface Templated {
  readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
}
