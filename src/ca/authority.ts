import { type Identity, spiffeId } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { AuthorityStatus } from "./authority-status.ts";
import { type CertificateRequest, type SubjectNames, signCertificate } from "./certificate.ts";
import type { KeyHome } from "./key-home.ts";
import { pemOf } from "./pem.ts";
import type { CaSource } from "./plugged-in.ts";
import { generateKeys, type KeyKind, type PrivateKey } from "./private-key.ts";
import { type RootKeeper, rootKeeper } from "./root-keeper.ts";
import { BACKDATE_MS } from "./signer.ts";
import { readSigningRequest } from "./signing-request.ts";
import type { Trust } from "./trust.ts";

const HOUR = 3_600_000;
const ROOT_LIFE_MS = 10 * 365 * 24 * HOUR;
/** Istio's own: the next root is made when a fifth of the life is left. */
const RENEW_ROOT_AT = 0.8;

/** A signed certificate with its key, in PEM; the chain starts with the leaf. Times are milliseconds since the epoch. */
export interface KeyAndCertificate {
  readonly chain: string;
  readonly key: PrivateKey;
  /** When it was signed; it is valid from before that. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A workload's X.509-SVID (https://spiffe.io/docs/latest/spiffe-specs/x509-svid/). */
export interface Svid extends KeyAndCertificate {
  readonly identity: Identity;
}

/** The mesh's certificate authority. It starts whatever its home holds; while nobody can sign, what it issues is an error with words for people. */
export interface Authority {
  readonly trustDomain: string;
  readonly trust: Trust;
  /** Roots of `trust`. */
  readonly roots: readonly string[];
  /** Calls back after each change of the roots, of the lists, of who signs, and of what is wrong; the answer ends it. */
  onChange(listener: () => void): () => void;
  status(): AuthorityStatus;
  /** Looks at its home again, and does what is due. `hold`: the time is not to be believed now, and nothing is done that it says is due. */
  look(hold?: boolean): Promise<void>;
  /**
   * Makes the next root, or finds it made. It signs once every proxy with a valid certificate has heard of it, the old one is trusted until the last
   * leaf that it signed has expired. `now`: it signs at once. Throws with words for people.
   */
  rotate(options?: { readonly now?: boolean }): Promise<AuthorityStatus>;
  /** A new root where the key of the old one is lost: both are trusted, and the new one signs within a minute. Throws with words for people. */
  recover(): Promise<AuthorityStatus>;
  /** A new key and its SVID. */
  issue(identity: Identity): Promise<Svid>;
  /** A certificate for a server of the control plane's own. */
  issueServer(
    identity: Identity,
    names: { dns: readonly string[]; ips: readonly string[] },
  ): Promise<KeyAndCertificate>;
  /**
   * Signs the key of a PKCS #10 request (PEM), for an identity that was verified; whatever names it asks for are ignored. `lifeMs` is a wish. The
   * answer is the leaf, what is between it and the root, and all roots as one text.
   */
  signRequest(
    pem: string,
    identity: Identity,
    lifeMs?: number,
  ): Promise<readonly string[] | { readonly refused: string }>;
}

/** Lives are milliseconds. */
export interface AuthoritySettings {
  /** Of a leaf; 24 hours when absent. */
  readonly leafLifeMs?: number;
  /** The most that a request may wish for; the same when absent. */
  readonly longestLeafMs?: number;
  /** Of a root that is made here; ten years when absent. */
  readonly rootLifeMs?: number;
  /** The part of a root's life after which the next one is made. */
  readonly renewRootAt?: number;
  /** Of a workload that has its key from here; ECDSA P-256 when absent. */
  readonly leafKey?: KeyKind;
  /** Of a root that is made here; ECDSA P-256 when absent. */
  readonly rootKey?: KeyKind;
}

export interface AuthorityOptions {
  readonly home: KeyHome;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings?: AuthoritySettings;
  /** Where an authority of the user's may be plugged in. */
  readonly pluggedIn?: CaSource;
  /** PEM of roots that this mesh is known to have had: proof that a home without any has lost them. */
  readonly known?: () => Promise<string | undefined>;
}

/** Opens the authority in its home; a home without a root gets one, unless `known` tells that it had. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { trustDomain, clock, random, settings = {} } = options;
  const {
    leafLifeMs = 24 * HOUR,
    rootLifeMs = ROOT_LIFE_MS,
    renewRootAt = RENEW_ROOT_AT,
    rootKey = "P-256",
  } = settings;
  const longestLeafMs = Math.max(settings.longestLeafMs ?? 0, leafLifeMs);
  const keeper = rootKeeper({ ...options, longestLeafMs, rootLifeMs, renewRootAt, rootKey });
  await keeper.look();
  const listeners = new Set<() => void>();
  let told = fingerprint();

  function fingerprint(): string {
    return JSON.stringify([keeper.status(), keeper.trust()]);
  }
  const afterwards = async (work: Promise<void>): Promise<AuthorityStatus> => {
    try {
      await work;
    } finally {
      const now = fingerprint();
      if (now !== told) for (const listener of listeners) listener();
      told = now;
    }
    return keeper.status();
  };

  const { sign, issue } = issuance(keeper, { clock, random, leafLifeMs, leafKey: settings.leafKey });
  return {
    trustDomain,
    get roots() {
      return keeper.trust().roots;
    },
    get trust() {
      return keeper.trust();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => keeper.status(),
    async look(hold) {
      await afterwards(keeper.look(hold));
    },
    rotate: ({ now = false } = {}) => afterwards(keeper.rotate(now)),
    recover: () => afterwards(keeper.recover()),
    async issue(identity) {
      return { identity, ...(await issue({ uris: [spiffeId(identity)], dns: [], ips: [] })) };
    },
    issueServer: (identity, { dns, ips }) => issue({ uris: [spiffeId(identity)], dns, ips }),
    async signRequest(pem, identity, lifeMs = leafLifeMs) {
      const request = await readSigningRequest(pem);
      if ("refused" in request) return request;
      const life = Math.min(Math.max(lifeMs, 60_000), longestLeafMs);
      const { leaf, path } = await sign(request.publicKey, { uris: [spiffeId(identity)], dns: [], ips: [] }, life);
      return [leaf, ...path, keeper.trust().roots.join("")];
    },
  };
}

/** Signs by whoever signs now. */
function issuance(
  keeper: RootKeeper,
  {
    clock,
    random,
    leafLifeMs,
    leafKey,
  }: Pick<AuthorityOptions, "clock" | "random"> & { leafLifeMs: number; leafKey: KeyKind | undefined },
) {
  const sign = async (publicKey: CertificateRequest["publicKey"], names: SubjectNames, life: number) => {
    const signer = keeper.signer();
    if (signer === undefined)
      throw new Error(`no certificates are issued now: ${keeper.status().trouble ?? "the new root does not sign yet"}`);
    const issuedAt = clock.now();
    const notBefore = issuedAt - BACKDATE_MS;
    const notAfter = Math.min(issuedAt + life, signer.notAfter);
    const request = { serial: random.bytes(16), notBefore, notAfter, names, publicKey, ca: false };
    const { pem } = await signCertificate(request, signer);
    return { leaf: pem, path: signer.path.map(pemOf), issuedAt, notBefore, notAfter };
  };
  const issue = async (names: SubjectNames): Promise<KeyAndCertificate> => {
    const { privateKey, keys } = await generateKeys(leafKey);
    const { leaf, path, ...times } = await sign(keys.publicKey, names, leafLifeMs);
    return { key: privateKey, chain: [leaf, ...path].join(""), ...times };
  };
  return { sign, issue };
}
