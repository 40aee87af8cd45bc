import type { JWTRule, RequestAuthenticationSpec } from "../../gen/istio/request-authentication.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { verifyingKeys } from "../../std/json-web-keys.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { type KeySet, keySetRef } from "./key-set.ts";
import { selectsProxy } from "./selects-proxy.ts";

/** Which tokens a workload's proxy verifies. A request without a token passes; one with a token that is not valid does not. */
export interface RequestAuthenticationPlan {
  /** By issuer. */
  readonly tokens: readonly TokenPlan[];
  readonly origins: readonly string[];
}

/** Tokens of one issuer. */
export interface TokenPlan {
  /** Empty: any. */
  readonly issuer: string;
  /** One of these must be named by the token; empty: any. */
  readonly audiences: readonly string[];
  /** JSON Web Key Set; absent where nobody knows the keys: then no token of the issuer is valid. */
  readonly keys?: string;
  /** Where the token is looked for; all empty: in `authorization` after `Bearer `, and in the parameter `access_token`. */
  readonly headers: readonly { readonly name: string; readonly prefix: string }[];
  readonly params: readonly string[];
  readonly cookies: readonly string[];
  /** The application sees the token too. */
  readonly forward: boolean;
  /** Header that the application finds the payload in, in base64url. Empty: none. */
  readonly payloadHeader: string;
  readonly claimHeaders: readonly { readonly header: string; readonly claim: string }[];
  /** Claims that are lists written as texts with spaces; sorted. */
  readonly spaceDelimited: readonly string[];
}

/** Of the root namespace and the workload's own. Key: JSON of `{namespace, labels}`. */
export const requestAuthentication: Step<RequestAuthenticationPlan> = {
  name: "plan/requestAuthentication",
  run: (scope, key) => {
    const { namespace, labels } = JSON.parse(key) as { namespace: string; labels: Readonly<Record<string, string>> };
    const policies = [...new Set([scope.ask(mesh, "").rootNamespace, namespace])]
      .flatMap((ns) => scope.list<RequestAuthenticationSpec>(types.RequestAuthentication, ns))
      .filter((policy) => selectsProxy(scope, policy, { namespace, labels }));
    return {
      tokens: policies
        .flatMap(({ spec }) => (spec.jwtRules ?? []).map((rule) => tokenPlan(scope, rule)))
        .toSorted(byIssuer),
      origins: policies.map((p) => p.origin.at),
    };
  },
};

function byIssuer(a: TokenPlan, b: TokenPlan): number {
  return a.issuer < b.issuer ? -1 : a.issuer > b.issuer ? 1 : 0;
}

/** Claims that are so by their definition: RFC 8693, 4.2, and Istio's. */
const alwaysSpaceDelimited = ["permission", "scope"];

function tokenPlan(scope: Scope, rule: JWTRule): TokenPlan {
  const keys = keysOf(scope, rule);
  return {
    issuer: rule.issuer ?? "",
    audiences: rule.audiences ?? [],
    ...(keys === undefined ? {} : { keys }),
    headers: (rule.fromHeaders ?? []).map(({ name, prefix }) => ({ name, prefix: prefix ?? "" })),
    params: rule.fromParams ?? [],
    cookies: rule.fromCookies ?? [],
    forward: rule.forwardOriginalToken === true,
    payloadHeader: rule.outputPayloadToHeader ?? "",
    claimHeaders: (rule.outputClaimToHeaders ?? []).map(({ header, claim }) => ({ header, claim })),
    spaceDelimited: [...new Set([...alwaysSpaceDelimited, ...(rule.spaceDelimitedClaims ?? [])])].sort(),
  };
}

/** Keys that are written in the rule count before those of a URL, and those before what the issuer says itself: as in Istio. */
function keysOf(scope: Scope, rule: JWTRule): string | undefined {
  if (rule.jwks) return verifyingKeys(rule.jwks, true);
  const ref = fetchedKeys(rule);
  return ref && scope.get<KeySet>(ref)?.spec.keys;
}

/** The object that has the keys of a rule; undefined where they are written in it, or nobody could know them. */
export function fetchedKeys({ jwks, issuer, ...rule }: JWTRule): Ref | undefined {
  const jwksUri = rule.jwksUri || rule.jwks_uri;
  if (jwks) return undefined;
  if (jwksUri) return keySetRef({ jwksUri });
  return issuer ? keySetRef({ issuer }) : undefined;
}
