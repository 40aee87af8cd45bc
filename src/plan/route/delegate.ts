import type { HTTPMatchRequest, HTTPRoute, StringMatch } from "../../gen/istio/virtual-service.ts";

/**
 * A delegate's route in the place of the root's: it matches where both match, and what it does not say the root says. Undefined where the
 * delegate asks for something that the root's match does not cover. Source: istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
export function mergeDelegate(root: HTTPRoute, child: HTTPRoute): HTTPRoute | undefined {
  const match = mergeMatches(root.match ?? [], child.match ?? []);
  if (match === undefined) return undefined;
  const { delegate: _delegate, match: _match, name: _name, route: _route, ...inherited } = root;
  const name = joinNames(root.name, child.name, "-");
  return {
    ...inheritable(inherited),
    ...definedOnly(child),
    ...(match.length > 0 ? { match } : {}),
    ...(name ? { name } : {}),
  };
}

/** A root's redirect or direct response cannot stand beside a delegate (its schema says so); the rest is inherited field by field. */
function inheritable(root: Omit<HTTPRoute, "delegate" | "match" | "name" | "route">): Partial<HTTPRoute> {
  const { redirect: _redirect, directResponse: _directResponse, ...rest } = root;
  return rest;
}

function mergeMatches(
  root: readonly HTTPMatchRequest[],
  child: readonly HTTPMatchRequest[],
): readonly HTTPMatchRequest[] | undefined {
  if (root.length === 0) return child;
  if (child.length === 0) return root;
  const merged: HTTPMatchRequest[] = [];
  for (const inner of child) {
    const outer = root.filter((r) => covers(r, inner));
    if (outer.length === 0) return undefined;
    merged.push(...outer.map((r) => mergeMatch(r, inner)));
  }
  return merged;
}

function mergeMatch(root: HTTPMatchRequest, child: HTTPMatchRequest): HTTPMatchRequest {
  const { name: _name, ...rest } = root;
  const name = joinNames(root.name, child.name, "-");
  return {
    ...rest,
    ...definedOnly(child),
    headers: { ...root.headers, ...child.headers },
    withoutHeaders: { ...root.withoutHeaders, ...child.withoutHeaders },
    queryParams: { ...root.queryParams, ...child.queryParams },
    ...(name ? { name } : {}),
  };
}

/** Whether all that the delegate's match takes is within the root's. */
function covers(root: HTTPMatchRequest, child: HTTPMatchRequest): boolean {
  const texts = (["uri", "scheme", "method", "authority"] as const).every((key) => within(root[key], child[key]));
  const inAll = (outer: Texts, inner: Texts) => Object.entries(inner ?? {}).every(([k, v]) => within(outer?.[k], v));
  if (!texts || !inAll(root.headers, child.headers) || !inAll(root.queryParams, child.queryParams)) return false;
  if (!inAll(root.withoutHeaders, child.withoutHeaders)) return false;
  if ((root.ignoreUriCase ?? false) !== (child.ignoreUriCase ?? false)) return false;
  return !root.port || !child.port || root.port === child.port;
}

type Texts = Readonly<Record<string, StringMatch>> | undefined;

/** Two regular expressions cannot be compared: they conflict, as in Istio. */
function within(root: StringMatch | undefined, child: StringMatch | undefined): boolean {
  if (root === undefined || child === undefined) return true;
  if (root.regex || child.regex) return false;
  if (root.exact !== undefined) return child.exact === root.exact;
  if (root.prefix !== undefined) return (child.exact ?? child.prefix ?? "").startsWith(root.prefix);
  return true;
}

function joinNames(root: string | undefined, child: string | undefined, dash: string): string {
  return root && child ? `${root}${dash}${child}` : (child ?? root ?? "");
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
