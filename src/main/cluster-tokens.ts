import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import type { Tokens, Verification } from "../ca/token.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/error.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import { type ReviewedUser, reviewToken } from "../kubernetes/token-review.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";

/** Whom projected tokens of proxies are for; Istio's agents ask for this audience, too. */
const audience = "istio-ca";
/** A good answer is not asked for again within this time: a proxy opens several streams, and comes back after a restart of ours. */
const freshMs = 60_000;
const mostKept = 20_000;
/** Reviews under way; the others wait, so that a thousand proxies that come back at once are no storm. */
const mostAsked = 32;

export interface ClusterTokensOptions {
  readonly client: KubernetesClient;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Kept {
  readonly verified: Extract<Verification, { readonly subject: unknown }>;
  readonly askedAt: number;
}

/**
 * Verifies ServiceAccount tokens by TokenReview. While the API server does not answer, a token that it vouched for before stays good until it
 * expires by itself (an hour, as kubelets renew them): nobody could have renewed it, and a proxy that comes back must not be turned away.
 */
export function clusterTokens(options: ClusterTokensOptions): Pick<Tokens, "verify"> {
  const { client, trustDomain, clock, log } = options;
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<Verification>>();
  const turns = inFlight(mostAsked);

  const remember = (key: string, verified: Kept["verified"]) => {
    kept.delete(key);
    kept.set(key, { verified, askedAt: clock.now() });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  };
  const ask = async (key: string, token: string): Promise<Verification> => {
    const before = kept.get(key);
    try {
      const answer = await turns.run(() => reviewToken(client, token, audience));
      const verified = "refused" in answer ? answer : subjectOf(answer, token, trustDomain);
      if ("subject" in verified) remember(key, verified);
      else kept.delete(key);
      return verified;
    } catch (error) {
      const words = (error as Error).message;
      if (before !== undefined && before.verified.expiresAt > clock.now() && isAway(error)) return before.verified;
      log.warn("a token cannot be checked", { error: words });
      return { refused: `the token cannot be checked now: ${words}`, unavailable: true };
    }
  };
  return {
    verify(token) {
      const key = createHash("sha256").update(token).digest("base64");
      const known = kept.get(key);
      const now = clock.now();
      if (known !== undefined && known.verified.expiresAt <= now) kept.delete(key);
      else if (known !== undefined && now - known.askedAt < freshMs) return Promise.resolve(known.verified);
      const running = asking.get(key) ?? ask(key, token).finally(() => asking.delete(key));
      asking.set(key, running);
      return running;
    },
  };
}

/** Whether it is the API server that fails, and not this control plane that may not ask. */
function isAway(error: unknown): boolean {
  return error instanceof KubernetesError && (error.code === 0 || error.code === 429 || error.code >= 500);
}

function subjectOf({ username, extra }: ReviewedUser, token: string, trustDomain: string): Verification {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace === undefined || serviceAccount === undefined)
    return { refused: `${username || "this user"} is not a ServiceAccount` };
  const pod = extra["authentication.kubernetes.io/pod-name"]?.[0];
  return {
    subject: { identity: { trustDomain, namespace, serviceAccount }, ...(pod === undefined ? {} : { pod }) },
    expiresAt: expiryOf(token),
  };
}

/** Read without a check: the API server has just vouched for the token. 0, and so never kept for long, where it says none. */
function expiryOf(token: string): number {
  try {
    return (decodeJwt(token).exp ?? 0) * 1000;
  } catch {
    return 0;
  }
}
