import type { GRPCBackendRef, GRPCRouteRule, GRPCRouteSpec } from "../../gen/gateway-api/grpc-route.ts";
import type { HTTPBackendRef, HTTPRouteRule, HTTPRouteSpec } from "../../gen/gateway-api/http-route.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { durationMs } from "../mesh.ts";
import type { DestinationRef } from "../route/destination.ts";
import type { RouteOrigin } from "../route/table.ts";
import { backendOf, isFault, type Referrer } from "./backend.ts";
import { type Filters, filtersOf } from "./filters.ts";
import { grpcMatch, httpMatch, type RankedMatch } from "./match.ts";

/** What an HTTPRoute or GRPCRoute says, its backends found. */
export interface GatewayRoute {
  readonly ref: Ref;
  readonly createdAt: number;
  /** Lower-case; empty is any. */
  readonly hostnames: readonly string[];
  readonly rules: readonly GatewayRule[];
  readonly faults: readonly RouteFault[];
  /** `resource.origin.at`. */
  readonly at: string;
}

export interface GatewayRule {
  /** Its own, else `namespace.name.index` as Istio says it. */
  readonly name: string;
  /** At least one unless all are at fault. */
  readonly matches: readonly RankedMatch[];
  readonly filters: Filters;
  readonly backends: readonly GatewayBackend[];
  /** Milliseconds for the whole request; 0 is none. */
  readonly timeoutMs: number;
  /** The same for each try. */
  readonly backendTimeoutMs: number;
  readonly retry?: RouteRetry;
  readonly origin: RouteOrigin;
}

export interface RouteRetry {
  readonly attempts: number;
  readonly codes: readonly number[];
  readonly backoffMs?: number;
}

export interface GatewayBackend {
  readonly weight: number;
  /** Absent: its share of the requests gets 500. */
  readonly to?: DestinationRef;
  readonly filters: Filters;
}

/** Something that a route cannot do as it says: a reason of the specification's conditions. */
export interface RouteFault {
  /** `ResolvedRefs`, or `Accepted` for what no reference is to blame for. */
  readonly condition: "Accepted" | "ResolvedRefs";
  readonly reason: string;
  /** A sentence without a full stop. */
  readonly message: string;
  readonly path: FieldPath;
}

/** Whose clients a route serves: those of gateways, or the mesh's (whose routes need no ReferenceGrant). */
export type RouteSide = "gateway" | "mesh";

/** The key of `gatewayRoute`. */
export function gatewayRouteKey(side: RouteSide, { type, namespace, name }: Ref): string {
  return `${side}|${type}|${namespace}/${name}`;
}

/** The rules of an HTTPRoute or GRPCRoute. Key: `gatewayRouteKey`. */
export const gatewayRoute: Step<GatewayRoute | undefined> = {
  name: "plan/gatewayRoute",
  run: (scope, key) => {
    const [side = "", type = "", path = ""] = key.split("|");
    const slash = path.indexOf("/");
    const ref: Ref = { type, namespace: path.slice(0, slash), name: path.slice(slash + 1) };
    const resource = scope.get<HTTPRouteSpec | GRPCRouteSpec>(ref);
    if (resource === undefined) return undefined;
    const referrer: Referrer = { from: ref, inMesh: side === "mesh" };
    const made = (resource.spec.rules ?? [{}]).map((said, index) => ruleOf(scope, referrer, said, index));
    return {
      ref,
      createdAt: resource.createdAt,
      hostnames: (resource.spec.hostnames ?? []).map((h) => h.toLowerCase()),
      rules: made.map((m) => m.rule),
      faults: made.flatMap((m) => m.faults),
      at: resource.origin.at,
    };
  },
};

type SaidRule = HTTPRouteRule | GRPCRouteRule;

function ruleOf(
  scope: Scope,
  referrer: Referrer,
  said: SaidRule,
  index: number,
): { readonly rule: GatewayRule; readonly faults: readonly RouteFault[] } {
  const { from } = referrer;
  const path: FieldPath = ["spec", "rules", index];
  const matches = matchesOf(from, said);
  const filters = filtersOf(scope, referrer, said.filters ?? []);
  const backends = (said.backendRefs ?? []).map((b, i) => backend(scope, referrer, b, [...path, "backendRefs", i]));
  const { timeouts, retry } = said as HTTPRouteRule;
  const retries = retryOf(retry);
  const rule: GatewayRule = {
    name: said.name ?? `${from.namespace}.${from.name}.${index}`,
    matches: matches.filter((m) => m.fault === undefined),
    filters,
    backends: backends.map((b) => b.backend),
    timeoutMs: milliseconds(timeouts?.request),
    backendTimeoutMs: milliseconds(timeouts?.backendRequest),
    ...(retries ? { retry: retries } : {}),
    origin: { ref: from, path },
  };
  const badMatches = matches.flatMap(({ fault }, i): readonly RouteFault[] =>
    fault === undefined
      ? []
      : [{ condition: "Accepted", reason: "UnsupportedValue", message: fault, path: [...path, "matches", i] }],
  );
  const own = filterFaults(filters, [...path, "filters"]);
  return { rule, faults: [...badMatches, ...own, ...backends.flatMap((b) => b.faults)] };
}

/** No match takes everything. */
function matchesOf({ type }: Ref, said: SaidRule): readonly RankedMatch[] {
  const all = said.matches?.length ? said.matches : [{}];
  if (type === types.GrpcRoute) return (all as NonNullable<GRPCRouteRule["matches"]>).map(grpcMatch);
  return (all as NonNullable<HTTPRouteRule["matches"]>).map(httpMatch);
}

function backend(
  scope: Scope,
  referrer: Referrer,
  said: HTTPBackendRef | GRPCBackendRef,
  path: FieldPath,
): { readonly backend: GatewayBackend; readonly faults: readonly RouteFault[] } {
  const filters = filtersOf(scope, referrer, said.filters ?? []);
  const found = backendOf(scope, referrer, said);
  const weight = said.weight ?? 1;
  const own = filterFaults(filters, [...path, "filters"]);
  if (!isFault(found)) return { backend: { weight, to: found, filters }, faults: own };
  return { backend: { weight, filters }, faults: [{ condition: "ResolvedRefs", ...found, path }, ...own] };
}

function filterFaults({ unknown, faults }: Filters, path: FieldPath): readonly RouteFault[] {
  const refs = faults.map((fault): RouteFault => ({ condition: "ResolvedRefs", ...fault, path }));
  if (unknown === undefined) return refs;
  const message = `there is no filter ${unknown}; requests get 500`;
  return [{ condition: "Accepted", reason: "UnsupportedValue", message, path }, ...refs];
}

function retryOf(said: HTTPRouteRule["retry"]): RouteRetry | undefined {
  if (said === undefined) return undefined;
  const backoffMs = said.backoff === undefined ? undefined : durationMs(said.backoff);
  return {
    attempts: said.attempts ?? 1,
    codes: [...(said.codes ?? [])],
    ...(backoffMs === undefined ? {} : { backoffMs }),
  };
}

function milliseconds(text: string | undefined): number {
  return text === undefined ? 0 : (durationMs(text) ?? 0);
}
