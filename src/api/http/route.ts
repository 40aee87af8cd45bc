import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../who/caller.ts";
import { Refusal } from "./answer.ts";

/** One request on its way through a handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Parts of the path that the route names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Who asks. Of a route that needs nothing: nobody, perhaps, who may nothing. */
  readonly caller: Caller;
  /** Of what changes something, a line for the audit log: `VirtualService shop/cart: configured`. */
  readonly note: (detail: string) => void;
}

export interface Route {
  readonly method: "GET" | "POST";
  /** `/api/v1/proxies/{id}/config/{type}`. */
  readonly path: string;
  /** A POST that changes nothing: whoever may read may ask it. */
  readonly reads?: true;
  /**
   * What who asks must be allowed. `sight`: to see some namespace; the route is made of a view that shows no other, and of nothing else. `change`: the
   * handler asks for the right to each object. `operate`: what concerns the whole mesh. `nothing`: it is there for those, too, who have not logged in.
   * Absent: a GET needs the sight of all namespaces, anything else `operate`.
   */
  readonly needs?: "sight" | "change" | "operate" | "nothing";
  /** Answers by the response, or throws a Refusal. */
  readonly handle: (call: Call) => void | Promise<void>;
}

/** The route of a request and its named parts. Throws 404, 405 (with Allow), 400 for a path that is not well encoded. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  pathname: string,
): { route: Route; params: Record<string, string> } {
  const allowed: string[] = [];
  for (const route of routes) {
    const params = match(route.path, pathname);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw new Refusal(404, `there is no ${pathname}`);
  throw new Refusal(405, `${pathname} does not take ${method}`, `use ${allowed.join(" or ")}`, {
    allow: allowed.join(", "),
  });
}

function match(path: string, pathname: string): Record<string, string> | undefined {
  const wanted = path.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    if (part.startsWith("{")) params[part.slice(1, -1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `"${part}" is not a well encoded part of a path`);
  }
}

/** A number of the query within bounds; `fallback` where it is absent. Throws 400 with the name. */
export function numberOf(
  query: URLSearchParams,
  name: string,
  bounds: { min: number; max: number; fallback: number },
): number {
  const text = query.get(name);
  if (text === null || text === "") return bounds.fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= bounds.min && value <= bounds.max) return value;
  throw new Refusal(400, `${name}: "${text}" is not a number from ${bounds.min} to ${bounds.max}`);
}

/** Whether a flag is set: `?dryRun`, `?dryRun=true`. */
export function flagOf(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== "false" && text !== "0";
}

/** Milliseconds of `30s`, `500ms`, `2m`; a bare number is seconds. Undefined where the name is absent; an empty value is `fallback`. */
export function durationOf(query: URLSearchParams, name: string, fallback: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "false") return undefined;
  if (text === "" || text === "true") return fallback;
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (parts === null) throw new Refusal(400, `${name}: "${text}" is not a duration`, 'write "30s", "500ms" or "2m"');
  return Math.min(600_000, Number(parts[1]) * ({ ms: 1, s: 1000, m: 60_000 }[parts[2] ?? "s"] ?? 1000));
}
