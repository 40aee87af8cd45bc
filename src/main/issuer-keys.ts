import { join } from "node:path";
import type { Discovery } from "../discovery/discovery.ts";
import type { Fetch } from "../fetch/fetch.ts";
import type { JWTRule, RequestAuthenticationSpec } from "../gen/istio/request-authentication.ts";
import type { Resource } from "../model/resource.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { durationMs } from "../plan/mesh.ts";
import { fetchedKeys } from "../plan/security/request-authentication.ts";
import { KeySource, type WantedKeys } from "../sources/keys/source.ts";
import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";

/** As in Istio. */
const defaultTimeoutMs = 5000;
const longestTimeoutMs = 60_000;

/** Where keys of tokens come from; they are kept in the state folder. */
export function issuerKeys(stateDir: string, fetch: Fetch): KeySource {
  return new KeySource({ folder: join(stateDir, "keys"), clock: systemClock, random: systemRandom, get: fetch });
}

/** Tells the source which keys the mesh needs, from the moment on when its configuration is known. */
export function followKeys(discovery: Discovery, keys: KeySource): (isConfigured: boolean) => void {
  let before: unknown;
  return (isConfigured) => {
    const now = discovery.snapshot.objects.get(types.RequestAuthentication) ?? "none";
    if (!isConfigured || now === before) return;
    before = now;
    keys.want(wantedIn(discovery.snapshot));
  };
}

/** Keys that the policies of a mesh need, each once. */
export function wantedIn(snapshot: Snapshot): readonly WantedKeys[] {
  const policies = all(snapshot, types.RequestAuthentication) as Resource<RequestAuthenticationSpec>[];
  const found = policies.flatMap((object) =>
    (object.spec.jwtRules ?? []).flatMap((rule, i) => {
      const as = fetchedKeys(rule);
      return as === undefined ? [] : [{ as, rule, object, path: ["spec", "jwtRules", i] }];
    }),
  );
  return [...Map.groupBy(found, ({ as }) => as.name).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { as, rule } = first;
    const url = rule.jwksUri || rule.jwks_uri;
    return {
      as,
      at: url ? { url } : { issuer: rule.issuer ?? "" },
      timeoutMs: Math.min(longestTimeoutMs, Math.max(...same.map((one) => timeoutOf(one.rule)))),
      by: same.map(({ object, path }) => ({ object, path })),
    };
  });
}

function timeoutOf({ timeout }: JWTRule): number {
  return (timeout === undefined ? undefined : durationMs(timeout)) ?? defaultTimeoutMs;
}
