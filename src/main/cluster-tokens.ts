import { createHash } from "node:crypto";
import { decodeJwt, type JWTPayload } from "jose";
import type { Tokens, Verification } from "../ca/token.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/error.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import type { TokenKeys } from "../kubernetes/token-keys.ts";
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
/** Tokens that wait for their review or are in it. Who shows made-up ones by the thousand gets no more out of the API server, nor out of our memory. */
const mostWaiting = 1024;

export interface ClusterTokensOptions {
  readonly client: KubernetesClient;
  readonly keys: Pick<TokenKeys, "verify">;
  /** Whether there is such a Pod, as far as this control plane was told. */
  readonly knowsPod: (namespace: string, name: string) => boolean;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Verified = Extract<Verification, { readonly subject: unknown }>;

interface Kept {
  readonly verified: Verified;
  readonly askedAt: number;
}

/**
 * Verifies ServiceAccount tokens by TokenReview. While the API server does not answer, a proxy that comes back must not be turned away: a token
 * that was vouched for before stays good until it expires by itself (an hour, as kubelets renew them, and nobody could renew it meanwhile); one
 * that another replica saw is checked by the API server's public keys, and must be of a Pod that was there when the API server was heard last.
 */
export function clusterTokens(options: ClusterTokensOptions): Pick<Tokens, "verify"> {
  const { client, trustDomain, clock, log } = options;
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<Verification>>();
  const turns = inFlight(mostAsked);

  const remember = (key: string, verified: Verified) => {
    kept.delete(key);
    kept.set(key, { verified, askedAt: clock.now() });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  };
  const ask = async (key: string, token: string): Promise<Verification> => {
    try {
      const answer = await turns.run(() => reviewToken(client, token, audience));
      const verified = "refused" in answer ? answer : subjectOf(answer, token, trustDomain);
      if ("subject" in verified) remember(key, verified);
      else kept.delete(key);
      return verified;
    } catch (error) {
      const words = (error as Error).message;
      const vouched = isAway(error) ? (valid(kept.get(key), clock) ?? (await alone(token, options))) : undefined;
      if (vouched !== undefined) return vouched;
      log.warn("a token cannot be checked", { error: words });
      return { refused: `the token cannot be checked now: ${words}`, unavailable: true };
    }
  };
  return {
    verify(token) {
      const key = createHash("sha256").update(token).digest("base64");
      const known = kept.get(key);
      const verified = valid(known, clock);
      if (known !== undefined && verified === undefined) kept.delete(key);
      if (known !== undefined && verified !== undefined && clock.now() - known.askedAt < freshMs)
        return Promise.resolve(verified);
      if (!asking.has(key) && asking.size >= mostWaiting)
        return Promise.resolve({ refused: "too many tokens wait to be checked; try again", unavailable: true });
      const running = asking.get(key) ?? ask(key, token).finally(() => asking.delete(key));
      asking.set(key, running);
      return running;
    },
  };
}

function valid(known: Kept | undefined, clock: Clock): Verified | undefined {
  return known !== undefined && known.verified.expiresAt > clock.now() ? known.verified : undefined;
}

/** Whether it is the API server that fails, and not this control plane that may not ask. */
function isAway(error: unknown): boolean {
  return error instanceof KubernetesError && (error.code === 0 || error.code === 429 || error.code >= 500);
}

/** Without the API server. A token that is bound to no Pod is not taken: nobody could say that its ServiceAccount is still there. */
async function alone(token: string, options: ClusterTokensOptions): Promise<Verified | undefined> {
  const { keys, knowsPod, trustDomain, log } = options;
  const claims = await keys.verify(token, audience);
  const said = claims?.["kubernetes.io"] as BoundTo | undefined;
  const namespace = said?.namespace;
  const serviceAccount = said?.serviceaccount?.name;
  const pod = said?.pod?.name;
  if (claims === undefined || namespace === undefined || serviceAccount === undefined || pod === undefined)
    return undefined;
  if (!knowsPod(namespace, pod)) return undefined;
  log.info("a token was checked by its signature, as the API server does not answer", { namespace, pod });
  const identity = { trustDomain, namespace, serviceAccount };
  const podUid = said?.pod?.uid;
  return {
    subject: { identity, pod, ...(podUid === undefined ? {} : { podUid }) },
    expiresAt: expiryIn(claims),
  };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens */
interface BoundTo {
  readonly namespace?: string;
  readonly serviceaccount?: { readonly name?: string };
  readonly pod?: { readonly name?: string; readonly uid?: string };
}

function subjectOf({ username, extra }: ReviewedUser, token: string, trustDomain: string): Verification {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace === undefined || serviceAccount === undefined)
    return { refused: `${username || "this user"} is not a ServiceAccount` };
  const pod = extra["authentication.kubernetes.io/pod-name"]?.[0];
  const podUid = extra["authentication.kubernetes.io/pod-uid"]?.[0];
  return {
    subject: {
      identity: { trustDomain, namespace, serviceAccount },
      ...(pod === undefined ? {} : { pod }),
      ...(podUid === undefined ? {} : { podUid }),
    },
    expiresAt: expiryOf(token),
  };
}

/** Read without a check: the API server has just vouched for the token. 0, and so never kept, where it says none. */
function expiryOf(token: string): number {
  try {
    return expiryIn(decodeJwt(token));
  } catch {
    return 0;
  }
}

function expiryIn({ exp = 0 }: JWTPayload): number {
  return exp * 1000;
}
