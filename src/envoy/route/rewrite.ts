import type { Rewrite } from "../../plan/route/rewrite.ts";
import { regex } from "./text-match.ts";

/** The fields of a route action. */
export function rewriteFields(rewrite: Rewrite | undefined) {
  const { path, authority } = rewrite ?? {};
  return {
    ...(path?.kind === "prefix" ? { prefixRewrite: path.value } : {}),
    ...(path?.kind === "regex"
      ? { regexRewrite: { pattern: regex(path.pattern), substitution: path.substitution } }
      : {}),
    ...(authority ? { hostRewriteSpecifier: { case: "hostRewriteLiteral" as const, value: authority } } : {}),
  };
}
