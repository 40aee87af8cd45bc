import type { GRPCRouteFilter } from "../../gen/gateway-api/grpc-route.ts";
import type {
  HTTPHeaderFilter,
  HTTPRequestMirrorFilter,
  HTTPRequestRedirectFilter,
  HTTPRouteFilter,
  HTTPURLRewriteFilter,
} from "../../gen/gateway-api/http-route.ts";
import type { Scope } from "../../track/scope.ts";
import type { Cors } from "../route/cors.ts";
import type { DestinationRef } from "../route/destination.ts";
import type { Changes, HeaderChanges } from "../route/headers.ts";
import { type BackendFault, backendOf, isFault, type Referrer } from "./backend.ts";
import { corsOf } from "./cors.ts";

/** What the filters of a rule, or of one of its backends, do. */
export interface Filters {
  readonly headers?: HeaderChanges;
  readonly redirect?: HTTPRequestRedirectFilter;
  readonly rewrite?: HTTPURLRewriteFilter;
  readonly mirrors: readonly MirrorTo[];
  readonly cors?: Cors;
  /** A filter that nobody here knows: requests must not pass as if it were not there. */
  readonly unknown?: string;
  /** Mirrors that lead nowhere; they get no copies. */
  readonly faults: readonly BackendFault[];
}

interface MirrorTo {
  readonly destination: DestinationRef;
  /** 0 to 100. */
  readonly percent: number;
}

/** Reads filters. Their order says nothing; of two of a kind that may stand once, the first counts. */
export function filtersOf(
  scope: Scope,
  referrer: Referrer,
  said: readonly (HTTPRouteFilter | GRPCRouteFilter)[],
): Filters {
  const all: readonly HTTPRouteFilter[] = said;
  const first = (type: HTTPRouteFilter["type"]) => all.find((f) => f.type === type);
  const headers = headerChanges(
    first("RequestHeaderModifier")?.requestHeaderModifier,
    first("ResponseHeaderModifier")?.responseHeaderModifier,
  );
  const redirect = first("RequestRedirect")?.requestRedirect;
  const rewrite = first("URLRewrite")?.urlRewrite;
  const cors = first("CORS")?.cors;
  const mirrors = all.flatMap((f) => (f.type === "RequestMirror" && f.requestMirror ? [f.requestMirror] : []));
  const resolved = mirrors.map((mirror) => ({ mirror, to: backendOf(scope, referrer, mirror.backendRef) }));
  const unknown = all.find((f) => !known.has(f.type));
  return {
    ...(headers ? { headers } : {}),
    ...(redirect ? { redirect } : {}),
    ...(rewrite ? { rewrite } : {}),
    ...(cors ? { cors: corsOf(cors) } : {}),
    mirrors: resolved.flatMap(({ mirror, to }) =>
      isFault(to) || percentOf(mirror) === 0 ? [] : [{ destination: to, percent: percentOf(mirror) }],
    ),
    ...(unknown ? { unknown: extension(unknown) } : {}),
    faults: resolved.flatMap(({ to }) => (isFault(to) ? [to] : [])),
  };
}

const known: ReadonlySet<string> = new Set([
  "RequestHeaderModifier",
  "ResponseHeaderModifier",
  "RequestMirror",
  "RequestRedirect",
  "URLRewrite",
  "CORS",
]);

function extension({ type, extensionRef: ref }: HTTPRouteFilter): string {
  return ref === undefined ? type : `${type} ${ref.kind}.${ref.group} ${ref.name}`;
}

/** No part is the whole. */
function percentOf({ percent, fraction }: HTTPRequestMirrorFilter): number {
  if (fraction !== undefined) return Math.min(100, (100 * fraction.numerator) / (fraction.denominator ?? 100));
  return percent ?? 100;
}

function headerChanges(
  request: HTTPHeaderFilter | undefined,
  response: HTTPHeaderFilter | undefined,
): HeaderChanges | undefined {
  if (request === undefined && response === undefined) return undefined;
  const isHost = (name: string) => name.toLowerCase() === "host";
  const authority = [...(request?.set ?? []), ...(request?.add ?? [])].find((h) => isHost(h.name))?.value;
  return {
    request: changes(request),
    response: changes(response),
    ...(authority === undefined ? {} : { authority }),
  };
}

function changes(said: HTTPHeaderFilter | undefined): Changes {
  return {
    set: pairs(said?.set),
    add: pairs(said?.add),
    remove: [...new Set((said?.remove ?? []).filter(isChangeable))],
  };
}

/** Of two for one header the first counts. */
function pairs(headers: HTTPHeaderFilter["set"]): readonly (readonly [string, string])[] {
  const byName = new Map<string, readonly [string, string]>();
  for (const { name, value } of headers ?? []) {
    const key = name.toLowerCase();
    if (isChangeable(name) && !byName.has(key)) byName.set(key, [name, plain(value)]);
  }
  return [...byName.values()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What a proxy lets be changed like any other header. */
function isChangeable(name: string): boolean {
  return !name.startsWith(":") && name.toLowerCase() !== "host";
}

/** A percent sign is one: a value is text here, and no format as in a VirtualService. */
function plain(value: string): string {
  return value.replaceAll("%", "%%");
}
