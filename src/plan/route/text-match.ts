import type { StringMatch } from "../../gen/istio/virtual-service.ts";

/** How a text is compared. `present`: it is there, whatever it says. A regular expression is RE2 and covers the whole text. */
export type TextMatch =
  | { readonly kind: "exact" | "prefix" | "regex"; readonly value: string }
  | { readonly kind: "present" };

/** An Istio StringMatch. Nothing set, an empty prefix and the regex `*` (which is no RE2) mean that it is present. */
export function textMatch(match: StringMatch | undefined | null): TextMatch {
  if (match?.exact !== undefined) return { kind: "exact", value: match.exact };
  if (match?.prefix) return { kind: "prefix", value: match.prefix };
  if (match?.regex && match.regex !== "*") return { kind: "regex", value: match.regex };
  return { kind: "present" };
}
