import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { KubernetesClient } from "./client.ts";

/** Public keys of an API server's ServiceAccount tokens, read while it answers, for when it does not. */
export interface TokenKeys {
  /** What a token claims, where it was signed by one of the keys, by the right issuer, for this audience, and has not expired; else undefined. */
  verify(token: string, audience: string): Promise<JWTPayload | undefined>;
  stop(): void;
}

const refreshMs = 600_000;
const retryMs = 30_000;

interface Discovered {
  readonly issuer: string;
}

/** Reads the keys now and every ten minutes: they change seldom, and old ones stay for as long as tokens that they signed. */
export function tokenKeys({ client, clock, log }: { client: KubernetesClient; clock: Clock; log: Log }): TokenKeys {
  let known: { readonly issuer: string; readonly keys: ReturnType<typeof createLocalJWKSet> } | undefined;
  let cancel = () => {};
  let stopped = false;
  const read = async () => {
    let wait = refreshMs;
    try {
      const { issuer } = await client.ask<Discovered>("/.well-known/openid-configuration");
      const keys = await client.ask<JSONWebKeySet>("/openid/v1/jwks", { accept: "application/jwk-set+json" });
      known = { issuer, keys: createLocalJWKSet(keys) };
    } catch (error) {
      wait = retryMs;
      log.debug("keys of ServiceAccount tokens cannot be read", { error: (error as Error).message });
    }
    if (!stopped) cancel = clock.after(wait, () => void read());
  };
  void read();
  return {
    async verify(token, audience) {
      if (known === undefined) return undefined;
      const { issuer, keys } = known;
      const options = { issuer, audience, currentDate: new Date(clock.now()), requiredClaims: ["exp", "sub"] };
      return jwtVerify(token, keys, options).then(
        ({ payload }) => payload,
        () => undefined,
      );
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
