/** Names at one place beyond this many are values. */
const mostNames = 20;

/** As AuthorizationPolicies write a segment that may be any. */
const any = "{*}";

/** What a segment of a template may be, and what `{*}` stands for. Source: Envoy's uri_template, which these templates become. */
const segmentText = /^[\w\-.~%!$&'()+,;:@]+$/;

/** What can be no name that somebody gave: numbers, UUIDs, hashes, times, addresses, long texts with digits. */
const values: readonly RegExp[] = [
  /^[+-]?\d[\d.,:_-]*$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^(?=\D*\d)[0-9a-f]{8,}$/i,
  /^\d{4}-\d\d-\d\dT/,
  /^(?=\D*\d\D*\d\D*\d)[\w~.-]{16,}$/,
  /[@%]/,
];

/** A path whose segments that are values by their shape alone are `{*}`: `/orders/17` → `/orders/{*}`. */
export function shapeOf(path: string): string {
  if (path.includes("{")) return literal(path);
  const found = segmentsOf(path);
  return written(path, found, found.map(shaped));
}

/**
 * Shape (as `shapeOf` writes it) → its template, among all that were asked of one thing: names of which there are too many at one place become
 * `{*}` too. A path that no template can say stays as it is. Every path matches its template. Pure.
 */
export function templatesOf(shapes: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(shapes)].map((path) => ({ path, segments: segmentsOf(path) }));
  const chosen = generalised(all.map(({ segments }) => segments));
  return new Map(all.map(({ path, segments }, i) => [path, written(path, segments, chosen[i] ?? segments)]));
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").slice(1);
}

function shaped(segment: string): string {
  return values.some((pattern) => pattern.test(segment)) ? any : segment;
}

/** Place by place from the left, among those that are alike so far: where there are too many names, they are one. */
function generalised(all: readonly (readonly string[])[]): readonly (readonly string[])[] {
  let done = all.map((): readonly string[] => []);
  const depth = all.reduce((most, { length }) => Math.max(most, length), 0);
  for (let at = 0; at < depth; at++) {
    const lead = done.map((segments) => segments.join("/"));
    const names = new Map<string, Set<string>>();
    for (const [i, segments] of all.entries()) {
      const [key, name] = [lead[i] as string, segments[at]];
      if (name) names.set(key, (names.get(key) ?? new Set()).add(name));
    }
    done = done.map((segments, i) => {
      const name = all[i]?.[at];
      if (name === undefined) return segments;
      const tooMany = (names.get(lead[i] as string)?.size ?? 0) > mostNames;
      return [...segments, name !== "" && tooMany ? any : name];
    });
  }
  return done;
}

/** A template that policies take and that the path matches; else the path, so that it stands for itself. */
function written(path: string, segments: readonly string[], chosen: readonly string[]): string {
  const fits = (segment: string, i: number) =>
    segment === any || segmentText.test(segment) || (segment === "" && i === segments.length - 1);
  if (!path.startsWith("/") || !chosen.includes(any) || !segments.every(fits)) return path;
  return `/${chosen.join("/")}`;
}

/** What would be read as a template is cut before it begins, and stands for all that begins so. */
function literal(path: string): string {
  const at = path.search(/\{\*\*?\}/);
  return at < 0 ? path : `${path.slice(0, at)}*`;
}
