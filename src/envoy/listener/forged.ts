import { create } from "@bufbuild/protobuf";
import {
  type HeaderMutation,
  HeaderMutationSchema,
} from "../../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { HeaderMutationSchema as EarlyHeaderMutationSchema } from "../../gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js";
import type { StringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import { packed } from "../any.ts";
import type { Init } from "../init.ts";

/**
 * Whom a request is from: a peer whose certificate was verified; somebody unknown; or somebody unknown where the mesh has no mTLS, so that
 * peers cannot be told from others and what they say of themselves still counts for telemetry.
 */
export type Caller = "verified" | "unknown" | "unverifiable";

/**
 * What proxies vouch for, with an underscore for at least one dash: `X_Forwarded_Proto` would be the same header for many a server (CGI, WSGI), from
 * nobody knows whom. Three patterns, as one would be larger than an Envoy takes whose bootstrap is not ours (100 instructions).
 */
const respelled = [
  "x_(forwarded[-_](client[-_]cert|for|proto|host|port)|envoy[-_]external[-_]address)",
  "x-forwarded(_(client[-_]cert|for|proto|host|port)|-client_cert)",
  "x-envoy(_external[-_]address|-external_address)",
];

/**
 * Takes off what a caller may not say, before anything else looks at the request; then makes `more` of it. An unknown one may not say how proxies
 * shall handle its request, nor what they tell each other and applications.
 */
export function withoutForged(caller: Caller, more: readonly HeaderMutation[] = []): TypedExtensionConfig {
  return create(TypedExtensionConfigSchema, {
    name: "weft.forged",
    typedConfig: packed(EarlyHeaderMutationSchema, { mutations: [...mutations[caller], ...more] }),
  });
}

const matching = (keyMatcher: Init<typeof StringMatcherSchema>): HeaderMutation =>
  create(HeaderMutationSchema, { action: { case: "removeOnMatch", value: { keyMatcher } } });

/** Takes off what servers may take for what proxies vouch for. */
export const asVouched: readonly HeaderMutation[] = respelled.map((regex) =>
  matching({ matchPattern: { case: "safeRegex", value: { regex } } }),
);

export function removed(name: string): HeaderMutation {
  return create(HeaderMutationSchema, { action: { case: "remove", value: name } });
}

const prefixed = (prefix: string) => matching({ matchPattern: { case: "prefix", value: prefix } });

const unsaid = [...asVouched, removed("baggage"), prefixed("x-envoy-"), prefixed("x-istio-")];

const mutations: Readonly<Record<Caller, readonly HeaderMutation[]>> = {
  verified: asVouched,
  unknown: [...unsaid, prefixed("x-weft-")],
  unverifiable: unsaid,
};
