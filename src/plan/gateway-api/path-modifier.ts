import type { HTTPPathModifier } from "../../gen/gateway-api/http-route.ts";
import type { PathMatch } from "../route/match.ts";
import type { PathChange } from "../route/rewrite.ts";
import { quoted } from "./cors.ts";

/**
 * What a path modifier does to paths that a match takes. A prefix is replaced by segments: `/foo` by `/xyz` turns `/foo/bar` into `/xyz/bar`, and
 * by `/` into `/bar`. Source: gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier
 */
export function pathChange(said: HTTPPathModifier | undefined, match: PathMatch): PathChange | undefined {
  if (said === undefined) return undefined;
  if (said.type === "ReplaceFullPath")
    return { kind: "regex", pattern: "^/.*$", substitution: plain(said.replaceFullPath ?? "/") };
  const to = (said.replacePrefixMatch ?? "").replace(/\/+$/, "");
  // All of the path is below the prefix `/`, whose slash stays.
  if (match.kind === "prefix") return to === "" ? undefined : { kind: "prefix", value: `${to}/` };
  if (match.kind !== "segments") return undefined;
  if (to !== "") return { kind: "prefix", value: to };
  return { kind: "regex", pattern: `^${quoted(match.value)}/?`, substitution: "/" };
}

/** A substitution that says itself. */
function plain(text: string): string {
  return text.replaceAll("\\", "\\\\");
}
