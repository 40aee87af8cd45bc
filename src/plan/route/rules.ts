import type {
  Destination,
  HTTPMatchRequest,
  HTTPRoute,
  L4MatchAttributes,
  TCPRoute,
  TLSMatchAttributes,
  TLSRoute,
  VirtualServiceSpec,
} from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { exportedTo } from "../registry/visibility.ts";
import { mergeDelegate } from "./delegate.ts";
import type { RouteOrigin } from "./table.ts";

/** What a VirtualService says, with names in full and delegates in their places. */
export interface VirtualServiceRules {
  readonly ref: Ref;
  readonly http: readonly HttpRule[];
  readonly tcp: readonly TCPRoute[];
  readonly tls: readonly TLSRoute[];
  /** `resource.origin.at` of the VirtualService and its delegates. */
  readonly origins: readonly string[];
}

export interface HttpRule {
  readonly http: HTTPRoute;
  readonly origin: RouteOrigin;
}

/** The rules of a VirtualService. Key: `namespace/name`. */
export const virtualServiceRules: Step<VirtualServiceRules | undefined> = {
  name: "plan/virtualServiceRules",
  run: (scope, key) => {
    const resource = virtualService(scope, key);
    if (resource === undefined) return undefined;
    const { domain } = scope.ask(mesh, "");
    const { spec, namespace, type, name } = resource;
    const delegates = new Set<string>();
    const http = httpRules(resource, domain).flatMap((rule): readonly HttpRule[] => {
      if (rule.http.delegate === undefined) return [rule];
      const delegate = delegateOf(scope, rule.http.delegate, namespace);
      if (delegate === undefined) return [];
      delegates.add(delegate.origin.at);
      return httpRules(delegate, domain).flatMap((child) => {
        const merged = mergeDelegate(rule.http, child.http);
        return merged === undefined ? [] : [{ http: merged, origin: child.origin }];
      });
    });
    return {
      ref: { type, namespace, name },
      http,
      tcp: (spec.tcp ?? []).map((route) => inFull(route, namespace, domain)),
      tls: (spec.tls ?? []).map((route) => inFull(route, namespace, domain)),
      origins: [resource.origin.at, ...delegates],
    };
  },
};

/** A VirtualService by `namespace/name`. */
function virtualService(scope: Scope, key: string): Resource<VirtualServiceSpec> | undefined {
  const slash = key.indexOf("/");
  return scope.get({ type: types.VirtualService, namespace: key.slice(0, slash), name: key.slice(slash + 1) });
}

/** The delegate that a rule of `namespace` names, if it is one (it has no hosts) and is exported there. */
function delegateOf(
  scope: Scope,
  said: NonNullable<HTTPRoute["delegate"]>,
  namespace: string,
): Resource<VirtualServiceSpec> | undefined {
  const found = virtualService(scope, `${said.namespace || namespace}/${said.name ?? ""}`);
  if (found === undefined || (found.spec.hosts ?? []).length > 0) return undefined;
  const exportTo = found.spec.exportTo?.length
    ? found.spec.exportTo
    : scope.ask(mesh, "").defaultVirtualServiceExportTo;
  return exportedTo(exportTo, found.namespace, namespace) ? found : undefined;
}

function httpRules(resource: Resource<VirtualServiceSpec>, domain: string): readonly HttpRule[] {
  const { type, namespace, name } = resource;
  return (resource.spec.http ?? []).map((http, index) => ({
    http: httpInFull(http, namespace, domain),
    origin: { ref: { type, namespace, name }, path: ["spec", "http", index] },
  }));
}

function httpInFull(http: HTTPRoute, namespace: string, domain: string): HTTPRoute {
  const full = (destination: Destination) => destinationInFull(destination, namespace, domain);
  return {
    ...inFull<HTTPRoute, HTTPMatchRequest>(http, namespace, domain),
    ...(http.mirror ? { mirror: full(http.mirror) } : {}),
    ...(http.mirrors ? { mirrors: http.mirrors.map((m) => ({ ...m, destination: full(m.destination) })) } : {}),
  };
}

type Match = { readonly gateways?: readonly string[] };

/** A rule with its destinations and gateways named in full. */
function inFull<
  R extends { readonly match?: readonly M[]; readonly route?: readonly { readonly destination: Destination }[] },
  M extends Match = HTTPMatchRequest | L4MatchAttributes | TLSMatchAttributes,
>(rule: R, namespace: string, domain: string): R {
  return {
    ...rule,
    ...(rule.match
      ? {
          match: rule.match.map((m) =>
            m.gateways ? { ...m, gateways: m.gateways.map((g) => gatewayInFull(g, namespace)) } : m,
          ),
        }
      : {}),
    ...(rule.route
      ? { route: rule.route.map((r) => ({ ...r, destination: destinationInFull(r.destination, namespace, domain) })) }
      : {}),
  };
}

function destinationInFull(destination: Destination, namespace: string, domain: string): Destination {
  return { ...destination, host: fullHost(destination.host, namespace, domain).toLowerCase() };
}

/** `namespace/name` of a gateway; `mesh` stays. */
export function gatewayInFull(gateway: string, namespace: string): string {
  return gateway === "mesh" || gateway.includes("/") ? gateway : `${namespace}/${gateway}`;
}
