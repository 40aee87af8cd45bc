import type { MatchPredicateSchema } from "../../gen/envoy/config/common/matcher/v3/matcher_pb.js";
import type { Init } from "../init.ts";

type Predicate = Init<typeof MatchPredicateSchema>;

/** Matches answers whose status is one of the codes. */
export function errorMatcher(codes: readonly number[]): Predicate {
  const [first, ...rest] = codes.map(hasStatus);
  if (first === undefined) throw new Error("errorMatcher needs at least one code");
  return rest.length === 0 ? first : { rule: { case: "orMatch", value: { rules: [first, ...rest] } } };
}

function hasStatus(code: number): Predicate {
  const value = {
    headers: [
      {
        name: ":status",
        headerMatchSpecifier: {
          case: "stringMatch" as const,
          value: { matchPattern: { case: "exact" as const, value: String(code) } },
        },
      },
    ],
  };
  return { rule: { case: "httpResponseHeadersMatch", value } };
}
