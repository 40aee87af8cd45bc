import type { HTTPRoute } from "../../gen/istio/virtual-service.ts";
import type { Resource } from "../../model/resource.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { serviceFor } from "../registry.ts";
import { httpRoutes, type RouteContext } from "../route/http-routes.ts";
import { anyRequest, type PathMatch } from "../route/match.ts";
import type { HttpRoute, RouteOrigin } from "../route/table.ts";
import { type IngressBackend, type IngressPath, type IngressSpec, ingressGateway, servedIngresses } from "./ingress.ts";

/** What Ingresses say of one host. */
export interface IngressHost {
  /** `*` is any. */
  readonly host: string;
  /** The Gateway that stands for the oldest of them: its servers alone take the host, as in Istio. */
  readonly gateway: string;
  /** The longest path first, of equals the exact one, then the one that was written first. */
  readonly rules: readonly IngressRule[];
  /** Default backends, for what no rule takes. */
  readonly rest: readonly IngressRule[];
  readonly origins: readonly string[];
}

export interface IngressRule {
  readonly path: PathMatch;
  readonly http: HTTPRoute;
  readonly origin: RouteOrigin;
}

/** All hosts of Ingresses. Key: none. */
export const ingressHosts: Step<readonly IngressHost[]> = {
  name: "plan/ingressHosts",
  run: (scope) => {
    const oldest = scope.ask(servedIngresses, "").toSorted((a, b) => a.createdAt - b.createdAt);
    const said = oldest.flatMap((ingress) => hostsOf(scope, ingress));
    return [...Map.groupBy(said, (s) => s.host)].map(([host, all]) => ({
      host,
      gateway: all[0]?.gateway ?? "",
      rules: all.flatMap((s) => s.rules).toSorted((a, b) => byPath(a.path, b.path)),
      rest: all.flatMap((s) => s.rest),
      origins: [...new Set(all.flatMap((s) => s.origins))],
    }));
  },
};

function hostsOf(scope: Scope, ingress: Resource<IngressSpec>): readonly IngressHost[] {
  const { spec, origin } = ingress;
  const shared = { gateway: ingressGateway(ingress), origins: [origin.at] };
  const fallback = spec.defaultBackend ? rule(scope, ingress, spec.defaultBackend, ["spec", "defaultBackend"]) : [];
  const rest = fallback.map((made) => ({ ...made, path: anyRequest.path }));
  const written = (spec.rules ?? []).flatMap((said, index) => {
    if (said.http === undefined) return [];
    const rules = (said.http.paths ?? []).flatMap((path, at) => {
      const place = ["spec", "rules", index, "http", "paths", at];
      return rule(scope, ingress, path.backend, place).map((made) => ({ ...made, path: pathMatch(path) }));
    });
    return [{ ...shared, host: (said.host || "*").toLowerCase(), rules, rest }];
  });
  const anyHost = rest.length > 0 && !written.some((w) => w.host === "*");
  return anyHost ? [...written, { ...shared, host: "*", rules: [], rest }] : written;
}

function rule(
  scope: Scope,
  { type, namespace, name }: Resource<IngressSpec>,
  backend: IngressBackend | undefined,
  path: RouteOrigin["path"],
): readonly Pick<IngressRule, "http" | "origin">[] {
  const service = backend?.service;
  if (service === undefined) return [];
  const host = `${service.name}.${namespace}.svc.${scope.ask(mesh, "").domain}`.toLowerCase();
  const number = service.port?.number ?? portOf(scope, namespace, host, service.port?.name);
  if (number === undefined) return [];
  return [
    {
      http: { route: [{ destination: { host, port: { number } } }] },
      origin: { ref: { type, namespace, name }, path },
    },
  ];
}

function portOf(scope: Scope, namespace: string, host: string, name: string | undefined): number | undefined {
  return scope.ask(serviceFor, `${namespace}|${host}`)?.ports.find((port) => port.name === name)?.number;
}

/** Of a path without a type Istio reads what older Ingresses meant: `/a.*` and `/a/*` are prefixes, the rest is exact. */
function pathMatch({ path = "", pathType }: IngressPath): PathMatch {
  if (pathType === "Exact") return { kind: "exact", value: path };
  if (pathType === "Prefix") return prefix(path);
  if (["", "*", "/*", ".*"].includes(path)) return anyRequest.path;
  const wild = path.endsWith(".*") || path.endsWith("/*");
  return wild ? prefix(path.slice(0, -2)) : { kind: "exact", value: path };
}

/** `/a/` and `/a` both cover `/a` and `/a/b`, and neither covers `/ab`. */
function prefix(path: string): PathMatch {
  const value = path.replace(/\/$/, "");
  return value === "" ? anyRequest.path : { kind: "segments", value };
}

function byPath(a: PathMatch, b: PathMatch): number {
  return b.value.length - a.value.length || Number(b.kind === "exact") - Number(a.kind === "exact");
}

/** Rules of an Ingress as routes. */
export function ingressRoutes(rules: readonly IngressRule[], context: RouteContext): readonly HttpRoute[] {
  return rules.flatMap(({ path, http, origin }) =>
    httpRoutes({ ref: origin.ref, http: [{ http, origin }], tcp: [], tls: [], origins: [] }, context).map((route) => ({
      ...route,
      match: { ...route.match, path },
    })),
  );
}
