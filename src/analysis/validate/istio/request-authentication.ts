import type { JWTRule, RequestAuthenticationSpec } from "../../../gen/istio/request-authentication.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkHeaderName } from "../headers.ts";
import { checkDuration } from "../values.ts";
import { checkTarget, type Target } from "./selector.ts";

/** Istio's rules for a RequestAuthentication. Source: istio pkg/config/validation. */
export function checkRequestAuthentication(resource: Resource, root: Findings): void {
  const spec = resource.spec as RequestAuthenticationSpec;
  const found = root.at("spec");
  checkTarget(spec as Target, found);
  spec.jwtRules?.forEach((rule, i) => void checkJwtRule(rule, found.at("jwtRules", i)));
}

function checkJwtRule(rule: JWTRule, found: Findings): void {
  const noEmpty = (values: readonly string[] | undefined, field: string, message: string): void => {
    const i = values?.indexOf("") ?? -1;
    if (i >= 0) found.at(field, i).error(message, "remove it");
  };
  noEmpty(rule.audiences, "audiences", "audience must be non-empty string");
  const uri = rule.jwksUri ?? rule.jwks_uri ?? "";
  if (uri !== "") checkJwksUri(uri, found.at("jwksUri"));
  // Without an issuer there is nobody to ask for keys, so they must be given.
  if (!rule.issuer && uri === "" && !rule.jwks) found.error("issuer must be set", "write issuer, jwksUri or jwks");
  if (rule.jwks) checkJwks(rule.jwks, found.at("jwks"));
  rule.fromHeaders?.forEach((header, i) => {
    if (!header.name) found.at("fromHeaders", i).error("location header name must be non-empty string", "write name");
  });
  noEmpty(rule.fromParams, "fromParams", "location query must be non-empty string");
  noEmpty(rule.fromCookies, "fromCookies", "cookie name must be non-empty string");
  rule.outputClaimToHeaders?.forEach(({ header, claim }, i) => {
    const at = found.at("outputClaimToHeaders", i);
    if (!header || !claim)
      at.error("outputClaimToHeaders header and claim value must be non-empty string", "write header and claim");
    else checkHeaderName(header, at.at("header"));
  });
  checkDuration(rule.timeout, found.at("timeout"));
}

function checkJwksUri(uri: string, found: Findings): void {
  const scheme = /^([a-zA-Z][-+.a-zA-Z0-9]*):/.exec(uri)?.[1]?.toLowerCase() ?? "";
  if (scheme !== "http" && scheme !== "https")
    found.error(`URI scheme "${scheme}" is not supported`, "write https://...");
  else if (!URL.canParse(uri)) found.error(`"${uri}" is not a URI`, "write https://...");
}

/** A JSON Web Key Set, or a single key. */
function checkJwks(text: string, found: Findings): void {
  try {
    const set = JSON.parse(text) as { keys?: unknown; kty?: unknown; d?: unknown } | null;
    const keys = Array.isArray(set?.keys) ? (set.keys as { kty?: unknown; d?: unknown }[]) : [set];
    const bad = keys.find((key) => typeof key?.kty !== "string");
    if (bad !== undefined) found.error("jwks parse error: a key has no kty", "write a JSON Web Key Set");
    else if (keys.some((key) => key?.d !== undefined))
      found.warn(
        "the private half of a key is in it: whoever reads this object can sign tokens",
        "make a new key, and write its public half alone",
      );
  } catch (error) {
    found.error(`jwks parse error: ${(error as Error).message}`, 'write a JSON Web Key Set: {"keys": [...]}');
  }
}
