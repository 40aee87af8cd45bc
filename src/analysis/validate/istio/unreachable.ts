import type { HTTPMatchRequest, StringMatch } from "../../../gen/istio/virtual-service.ts";
import type { Findings } from "../finding.ts";

/** Istio's VirtualServiceUnreachableRule and VirtualServiceIneffectiveMatch. */
const unreachable = "IST0130";
const ineffective = "IST0131";

interface Route {
  readonly name?: string;
  readonly match?: readonly Match[];
}

type Match = HTTPMatchRequest | { readonly name?: string };

interface Prefix {
  readonly route: string;
  readonly match: string;
  readonly prefix: string;
  readonly request: HTTPMatchRequest;
  readonly found: Findings;
}

/** Warns of routes that no request can reach, because an earlier one takes all that they match. `found` is at the list of routes. */
export function checkReachable(routes: readonly Route[], found: Findings): void {
  const seen = new Map<string, number>();
  const prefixes: Prefix[] = [];
  let catchAll = false;
  routes.forEach((route, i) => {
    const matches = route.match ?? [];
    const shown = nameOf(route, i);
    if (matches.length === 0) {
      if (catchAll) warnUnused(shown, "only the last rule can have no matches", found.at(i));
      catchAll = true;
      return;
    }
    let twice = 0;
    matches.forEach((match, j) => {
      const key = keyOf(match);
      const first = seen.get(key);
      const at = found.at(i, "match", j);
      if (first !== undefined) {
        warnIneffective(shown, nameOf(match, j), nameOf(routes[first] as Route, first), at);
        twice++;
        return;
      }
      seen.set(key, i);
      const prefix = "uri" in match ? match.uri?.prefix : undefined;
      if (prefix)
        prefixes.push({ route: shown, match: nameOf(match, j), prefix, request: match as HTTPMatchRequest, found: at });
    });
    if (twice === matches.length) warnUnused(shown, "all matches used by prior rules", found.at(i));
  });
  checkPrefixes(prefixes);
}

function checkPrefixes(prefixes: readonly Prefix[]): void {
  prefixes.forEach((earlier, i) => {
    for (const later of prefixes.slice(i + 1)) {
      if (later.prefix === earlier.prefix || !covers(earlier, later)) continue;
      const taken = `${earlier.match} of prefix ${earlier.prefix} on ${earlier.route}`;
      warnIneffective(later.route, `${later.match} of prefix ${later.prefix}`, taken, later.found);
    }
  });
}

/** Whether the earlier match takes all that the later one does, as far as prefixes tell. */
function covers(earlier: Prefix, later: Prefix): boolean {
  const [a, b] = [earlier.request, later.request];
  if (!later.prefix.startsWith(earlier.prefix) || (a.port ?? 0) !== (b.port ?? 0)) return false;
  const method = (m: HTTPMatchRequest): string => shownMatch(m.method) || "exact:GET";
  if (!method(a).startsWith(method(b)) || !shownMatch(a.authority).startsWith(shownMatch(b.authority))) return false;
  return (["headers", "queryParams", "withoutHeaders"] as const).every((field) =>
    coversMap(a[field] ?? {}, b[field] ?? {}),
  );
}

function coversMap(a: Readonly<Record<string, StringMatch>>, b: Readonly<Record<string, StringMatch>>): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && shownMatch(a[key]).startsWith(shownMatch(b[key])))
  );
}

function shownMatch(match: StringMatch | undefined): string {
  if (match?.exact) return `exact:${match.exact}`;
  return match?.prefix ? `prefix:${match.prefix}` : "";
}

function nameOf(what: { readonly name?: string }, index: number): string {
  return what.name ? `"${what.name}"` : `#${index}`;
}

function keyOf(match: Match): string {
  const { name: _name, ...rest } = match;
  return JSON.stringify(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

function warnUnused(rule: string, reason: string, found: Findings): void {
  found.warn(`VirtualService rule ${rule} not used (${reason})`, "remove it, or move it up", unreachable);
}

function warnIneffective(rule: string, match: string, duplicate: string, found: Findings): void {
  const message = `VirtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${duplicate})`;
  found.info(message, "remove it, or move it up", ineffective);
}
