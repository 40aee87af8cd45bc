import type { JWTRule, RequestAuthenticationSpec } from "../../gen/istio/request-authentication.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { selects } from "./selects.ts";

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
      .filter(({ spec }) => selects(spec, labels));
    return { tokens: policies.flatMap(tokensOf).toSorted(byIssuer), origins: policies.map((p) => p.origin.at) };
  },
};

function tokensOf({ spec }: Resource<RequestAuthenticationSpec>): readonly TokenPlan[] {
  return (spec.jwtRules ?? []).map(tokenPlan);
}

function byIssuer(a: TokenPlan, b: TokenPlan): number {
  return a.issuer < b.issuer ? -1 : a.issuer > b.issuer ? 1 : 0;
}

/** Claims that are so by their definition: RFC 8693, 4.2, and Istio's. */
const alwaysSpaceDelimited = ["permission", "scope"];

function tokenPlan(rule: JWTRule): TokenPlan {
  return {
    issuer: rule.issuer ?? "",
    audiences: rule.audiences ?? [],
    ...(rule.jwks && hasKey(rule.jwks) ? { keys: rule.jwks } : {}),
    headers: (rule.fromHeaders ?? []).map(({ name, prefix }) => ({ name, prefix: prefix ?? "" })),
    params: rule.fromParams ?? [],
    cookies: rule.fromCookies ?? [],
    forward: rule.forwardOriginalToken === true,
    payloadHeader: rule.outputPayloadToHeader ?? "",
    claimHeaders: (rule.outputClaimToHeaders ?? []).map(({ header, claim }) => ({ header, claim })),
    spaceDelimited: [...new Set([...alwaysSpaceDelimited, ...(rule.spaceDelimitedClaims ?? [])])].sort(),
  };
}

/** What a key of each type must have; all of it base64url. Source: RFC 7518, 6, and RFC 8037. */
const parts: Readonly<Record<string, readonly string[]>> = {
  RSA: ["n", "e"],
  EC: ["x", "y"],
  OKP: ["x"],
  oct: ["k"],
};

/** Whether a JSON Web Key Set has a key that signatures can be checked by. A proxy refuses one that has none, with all else that it came with. */
function hasKey(text: string): boolean {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    return Array.isArray(keys) && keys.some(isKey);
  } catch {
    return false;
  }
}

function isKey(key: unknown): boolean {
  if (typeof key !== "object" || key === null) return false;
  const fields = key as Readonly<Record<string, unknown>>;
  const wanted = Object.hasOwn(parts, String(fields["kty"])) ? parts[String(fields["kty"])] : undefined;
  return wanted?.every((name) => /^[\w-]+$/.test(String(fields[name] ?? ""))) === true;
}
