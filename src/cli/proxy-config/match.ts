import { type Json, object, objects, text, texts } from "./fields.ts";

/** What a route of a virtual host matches, in short: `/reviews* header end-user=jason`. */
export function routeMatch(match: Json): string {
  const path = pathOf(match);
  const headers = objects(match, "headers").map((h) => {
    const not = h["invertMatch"] === true ? "!" : "";
    const name = text(h, "name");
    if (name === ":method") return `${not}method ${valueOf(h)}`;
    if (name === ":authority") return `${not}authority ${valueOf(h)}`;
    return `${not}header ${name}${valueOf(h) === "" ? "" : `=${valueOf(h)}`}`;
  });
  const query = objects(match, "queryParameters").map((q) => `query ${text(q, "name")}=${valueOf(q)}`);
  return [path, ...headers, ...query].filter((part) => part !== "").join(" ");
}

function pathOf(match: Json): string {
  const prefix = text(match, "prefix");
  if (prefix !== "") return `${prefix}*`;
  const separated = text(match, "pathSeparatedPrefix");
  if (separated !== "") return `PathPrefix:${separated}`;
  const regex = text(match, "safeRegex", "regex");
  return text(match, "path") || (regex === "" ? "" : `~${regex}`);
}

function valueOf(matcher: Json): string {
  const string = object(matcher, "stringMatch");
  const regex = text(string, "safeRegex", "regex");
  return (
    text(string, "exact") ||
    (text(string, "prefix") && `${text(string, "prefix")}*`) ||
    (text(string, "suffix") && `*${text(string, "suffix")}`) ||
    (regex && `~${regex}`) ||
    (matcher["presentMatch"] === true ? "present" : "")
  );
}

/** Where a route sends: a cluster, a split, a redirect, an answer. */
export function routeAction(route: Json): string {
  const to = object(route, "route");
  const weighted = objects(to, "weightedClusters", "clusters");
  if (weighted.length > 0) return weighted.map((c) => `${text(c, "name")} ${text(c, "weight") || "0"}`).join(", ");
  const redirect = object(route, "redirect");
  if (Object.keys(redirect).length > 0)
    return `redirect ${text(redirect, "hostRedirect")}${text(redirect, "pathRedirect")}`.trim();
  const direct = text(route, "directResponse", "status");
  if (direct !== "") return `answer ${direct}`;
  return text(to, "cluster") || (text(to, "clusterHeader") && `by header ${text(to, "clusterHeader")}`) || "-";
}

/** What a filter chain matches: `SNI: a.example.com; App: http/1.1; Addr: 10.0.0.0/8`. */
export function chainMatch(match: Json): string {
  const ranges = objects(match, "prefixRanges").map(
    (r) => `${text(r, "addressPrefix")}/${text(r, "prefixLen") || "0"}`,
  );
  const parts = [
    text(match, "destinationPort") === "" ? "" : `Port: ${text(match, "destinationPort")}`,
    ranges.length === 0 ? "" : `Addr: ${ranges.join(",")}`,
    texts(match, "serverNames").length === 0 ? "" : `SNI: ${texts(match, "serverNames").join(",")}`,
    text(match, "transportProtocol") === "" ? "" : `Trans: ${text(match, "transportProtocol")}`,
    texts(match, "applicationProtocols").length === 0 ? "" : `App: ${texts(match, "applicationProtocols").join(",")}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "ALL" : parts.join("; ");
}

/** Where a filter chain leads: a route configuration, a cluster. */
export function chainDestination(chain: Json): string {
  for (const filter of objects(chain, "filters")) {
    const config = object(filter, "typedConfig");
    const rds = text(config, "rds", "routeConfigName");
    if (rds !== "") return `Route: ${rds}`;
    if (Object.keys(object(config, "scopedRoutes")).length > 0)
      return `Scoped routes: ${text(config, "scopedRoutes", "name")}`;
    const inline = object(config, "routeConfig");
    if (Object.keys(inline).length > 0) return `Inline Route: ${inlineDestination(inline)}`;
    const cluster = text(config, "cluster");
    if (cluster !== "") return `Cluster: ${cluster}`;
    const weighted = objects(config, "weightedClusters", "clusters").map(
      (c) => `${text(c, "name")} ${text(c, "weight")}`,
    );
    if (weighted.length > 0) return `Cluster: ${weighted.join(", ")}`;
  }
  return "Non-HTTP/Non-TCP";
}

function inlineDestination(config: Json): string {
  const domains = objects(config, "virtualHosts").flatMap((vh) =>
    objects(vh, "routes").map((r) => `${pathOf(object(r, "match"))} ${routeAction(r)}`.trim()),
  );
  return domains.slice(0, 3).join("; ") + (domains.length > 3 ? "; ..." : "");
}
