import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, errors, exportJWK, jwtVerify, SignJWT } from "jose";
import type { Identity } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { PrivateFiles } from "./private-files.ts";
import { generateKeys, importSigningKey } from "./private-key.ts";

const KEY_FILE = "token-key.pem";
const ISSUER = "https://istiod.istio-system.svc";
/** Whom a token is for; Istio's agents ask for this audience too. */
const AUDIENCE = "istio-ca";
const HOUR = 3_600_000;
/** Clocks may differ by this much. */
const TOLERANCE_S = 10;

/** What a token was given for. */
export interface TokenSubject {
  readonly identity: Identity;
  readonly pod: string;
}

/**
 * A verified token, or why it is not one: words that may be told to whoever showed it. `pod` is absent where a token is bound to none;
 * `unavailable`: it could not be checked now, and may be good.
 */
export type Verification =
  | {
      readonly subject: { readonly identity: Identity; readonly pod?: string; readonly podUid?: string };
      readonly expiresAt: number;
    }
  | { readonly refused: string; readonly unavailable?: true };

/** Issues and verifies tokens in the form of Kubernetes' projected ServiceAccount tokens, signed by a key of our own. */
export interface Tokens {
  /** Life in milliseconds; 24 hours when absent. */
  issue(subject: TokenSubject, lifeMs?: number): Promise<string>;
  verify(token: string): Promise<Verification>;
}

export interface TokensOptions {
  readonly files: PrivateFiles;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads the signing key, or makes one where there is none. Throws when it is there but broken. */
export async function openTokens({ files, trustDomain, clock, log }: TokensOptions): Promise<Tokens> {
  const privateKey = await readKey(files, log);
  const publicKey = createPublicKey(privateKey);
  const keyId = await calculateJwkThumbprint(await exportJWK(publicKey));
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    issue({ identity, pod }, lifeMs = 24 * HOUR) {
      const { namespace, serviceAccount } = identity;
      const kubernetes = { namespace, pod: { name: pod }, serviceaccount: { name: serviceAccount } };
      return new SignJWT({ "kubernetes.io": kubernetes })
        .setProtectedHeader({ alg: "ES256", kid: keyId, typ: "JWT" })
        .setIssuer(ISSUER)
        .setSubject(subjectOf(namespace, serviceAccount))
        .setAudience(AUDIENCE)
        .setIssuedAt(seconds())
        .setNotBefore(seconds())
        .setExpirationTime(seconds() + Math.ceil(lifeMs / 1000))
        .sign(privateKey);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ["ES256"],
          issuer: ISSUER,
          audience: AUDIENCE,
          currentDate: new Date(clock.now()),
          clockTolerance: TOLERANCE_S,
          requiredClaims: ["exp", "sub"],
        });
        const subject = readSubject(payload, trustDomain);
        return subject
          ? { subject, expiresAt: (payload.exp ?? 0) * 1000 }
          : { refused: "the token names no ServiceAccount and Pod" };
      } catch (error) {
        return { refused: reason(error) };
      }
    },
  };
}

async function readKey(files: PrivateFiles, log: Log): Promise<KeyObject> {
  const stored = files.read(KEY_FILE);
  if (stored === undefined) {
    const pem = (await generateKeys()).privateKey.pem();
    files.write(KEY_FILE, pem);
    log.info("new key for tokens", { path: files.path(KEY_FILE) });
    return createPrivateKey(pem);
  }
  await importSigningKey(stored).catch((error: Error) => {
    throw new Error(
      `${files.path(KEY_FILE)}: ${error.message}; restore it from a backup, or move it away (every proxy then needs a new token)`,
    );
  });
  return createPrivateKey(stored);
}

function subjectOf(namespace: string, serviceAccount: string): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** The claims must agree with each other: the subject is what Kubernetes' own tokens are known by. */
function readSubject(payload: Record<string, unknown>, trustDomain: string): TokenSubject | undefined {
  const kubernetes = payload["kubernetes.io"] as
    | { namespace?: unknown; pod?: { name?: unknown }; serviceaccount?: { name?: unknown } }
    | undefined;
  const namespace = kubernetes?.namespace;
  const serviceAccount = kubernetes?.serviceaccount?.name;
  const pod = kubernetes?.pod?.name;
  if (typeof namespace !== "string" || typeof serviceAccount !== "string" || typeof pod !== "string") return undefined;
  if (payload["sub"] !== subjectOf(namespace, serviceAccount)) return undefined;
  return { identity: { trustDomain, namespace, serviceAccount }, pod };
}

function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired; a new one is needed";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token was not signed by this mesh";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is signed by an algorithm that is not accepted";
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim "${error.claim}" does not fit`;
  return "this is not a token";
}
