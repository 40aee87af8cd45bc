import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type JwtAuthentication,
  JwtAuthenticationSchema,
  type JwtProviderSchema,
  type JwtRequirementSchema,
} from "../../gen/envoy/extensions/filters/http/jwt_authn/v3/config_pb.js";
import type { RequestAuthenticationPlan, TokenPlan } from "../../plan/security/request-authentication.ts";
import { nobodysKey } from "./nobodys-key.ts";

type Requirement = MessageInitShape<typeof JwtRequirementSchema>;

/**
 * A request may come without a token; one that it has must be valid. Of several issuers that look in one place a token of either is enough: hence
 * the alternatives before the whole. `choosesAgain`: routes are told apart by claims, so the route is chosen again once these are known.
 */
export function jwtAuthentication({ tokens }: RequestAuthenticationPlan, choosesAgain: boolean): JwtAuthentication {
  if (tokens.length === 0) return create(JwtAuthenticationSchema);
  const names = tokens.map((_, index) => `origins-${index}`);
  const valid = names.map((name): Requirement => ({ requiresType: { case: "providerName", value: name } }));
  const validOrNone = valid.map((one) => anyOf([one, { requiresType: { case: "allowMissing", value: {} } }]));
  const [only] = validOrNone;
  const all: Requirement = { requiresType: { case: "requiresAll", value: { requirements: validOrNone } } };
  return create(JwtAuthenticationSchema, {
    providers: Object.fromEntries(tokens.map((token, i) => [names[i] as string, provider(token, choosesAgain)])),
    rules: [
      {
        match: { pathSpecifier: { case: "prefix", value: "/" } },
        requirementType: {
          case: "requires",
          value: tokens.length === 1 && only !== undefined ? only : anyOf([...valid, all]),
        },
      },
    ],
    bypassCorsPreflight: true,
  });
}

function anyOf(requirements: readonly Requirement[]): Requirement {
  return { requiresType: { case: "requiresAny", value: { requirements: [...requirements] } } };
}

function provider(token: TokenPlan, clearRouteCache: boolean): MessageInitShape<typeof JwtProviderSchema> {
  return {
    issuer: token.issuer,
    audiences: [...token.audiences],
    jwksSourceSpecifier: {
      case: "localJwks",
      value: { specifier: { case: "inlineString", value: token.keys ?? nobodysKey } },
    },
    forward: token.forward,
    fromHeaders: token.headers.map(({ name, prefix }) => ({ name, valuePrefix: prefix })),
    fromParams: [...token.params],
    fromCookies: [...token.cookies],
    forwardPayloadHeader: token.payloadHeader,
    claimToHeaders: token.claimHeaders.map(({ header, claim }) => ({ headerName: header, claimName: claim })),
    payloadInMetadata: "payload",
    normalizePayloadInMetadata: { spaceDelimitedClaims: [...token.spaceDelimited] },
    clearRouteCache,
  };
}
