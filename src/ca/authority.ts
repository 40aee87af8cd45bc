import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { Certificate } from "pkijs";
import { type Identity, spiffeId } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { type CertificateRequest, type Issuer, type SubjectNames, signCertificate } from "./certificate.ts";
import type { KeyHome } from "./key-home.ts";
import { generateKeys, importSigningKey, type PrivateKey } from "./private-key.ts";
import { readSigningRequest } from "./signing-request.ts";

const HOUR = 3_600_000;
const ROOT_LIFE_MS = 10 * 365 * 24 * HOUR;
/** Certificates are valid from a while ago, for clocks that are behind ours. */
const BACKDATE_MS = 2 * 60_000;
/** Key and certificate in one file, so that one can never be there without the other. */
const ROOT_FILE = "root.pem";
/** Older or foreign roots that are trusted too, in PEM. */
const MORE_ROOTS_FILE = "more-roots.pem";

/** A signed certificate with its key, in PEM; the chain starts with the leaf. Times are milliseconds since the epoch. */
export interface KeyAndCertificate {
  readonly chain: string;
  readonly key: PrivateKey;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A workload's X.509-SVID (https://spiffe.io/docs/latest/spiffe-specs/x509-svid/). */
export interface Svid extends KeyAndCertificate {
  readonly identity: Identity;
}

/** The mesh's certificate authority. */
export interface Authority {
  readonly trustDomain: string;
  /** The trust bundle: the own root first, then others that are trusted, each in PEM. */
  readonly roots: readonly string[];
  /** A new key and its SVID. */
  issue(identity: Identity): Promise<Svid>;
  /** A certificate for a server of the control plane's own. */
  issueServer(
    identity: Identity,
    names: { dns: readonly string[]; ips: readonly string[] },
  ): Promise<KeyAndCertificate>;
  /** Signs the key of a PKCS #10 request (PEM), for an identity that was verified; whatever names it asks for are ignored. `lifeMs` is a wish. */
  signRequest(
    pem: string,
    identity: Identity,
    lifeMs?: number,
  ): Promise<readonly string[] | { readonly refused: string }>;
}

export interface AuthorityOptions {
  readonly home: KeyHome;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Life of a leaf in milliseconds; 24 hours when absent. */
  readonly leafLifeMs?: number;
}

interface Root extends Issuer {
  readonly certificate: Certificate;
  readonly pem: string;
  readonly notAfter: number;
}

/** Opens the authority in its home; a home without a root gets one. Throws when the root is there but broken: a new one would cut the mesh in two. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { home, trustDomain, clock, random, leafLifeMs = 24 * HOUR } = options;
  const stored = await home.read(ROOT_FILE);
  const root = stored === undefined ? await createRoot(options) : await readRoot(options, stored);
  const others = await moreRoots(home);

  const sign = async (publicKey: CertificateRequest["publicKey"], names: SubjectNames, life: number) => {
    const now = clock.now();
    const notBefore = now - BACKDATE_MS;
    const notAfter = Math.min(now + life, root.notAfter);
    const request = { serial: random.bytes(16), notBefore, notAfter, names, publicKey, ca: false };
    const { pem } = await signCertificate(request, root);
    return { chain: pem, notBefore, notAfter };
  };
  const issue = async (names: SubjectNames): Promise<KeyAndCertificate> => {
    const { privateKey, keys } = await generateKeys();
    return { key: privateKey, ...(await sign(keys.publicKey, names, leafLifeMs)) };
  };

  return {
    trustDomain,
    roots: [root.pem, ...others],
    async issue(identity) {
      return { identity, ...(await issue({ uris: [spiffeId(identity)], dns: [], ips: [] })) };
    },
    issueServer: (identity, { dns, ips }) => issue({ uris: [spiffeId(identity)], dns, ips }),
    async signRequest(pem, identity, lifeMs = leafLifeMs) {
      const request = await readSigningRequest(pem);
      if ("refused" in request) return request;
      const life = Math.min(Math.max(lifeMs, 60_000), leafLifeMs);
      const { chain } = await sign(request.publicKey, { uris: [spiffeId(identity)], dns: [], ips: [] }, life);
      return [chain, root.pem];
    },
  };
}

/** A new root; another's where another control plane of this home was first. */
async function createRoot(options: AuthorityOptions): Promise<Root> {
  const { home, trustDomain, clock, random, log } = options;
  const { privateKey, keys } = await generateKeys();
  const serial = random.bytes(16);
  const now = clock.now();
  const request = {
    serial,
    notBefore: now - BACKDATE_MS,
    notAfter: now + ROOT_LIFE_MS,
    names: { uris: [`spiffe://${trustDomain}`], dns: [], ips: [] },
    subject: { organization: trustDomain, commonName: `Weft root ${Buffer.from(serial.slice(0, 4)).toString("hex")}` },
    publicKey: keys.publicKey,
    ca: true,
  };
  const { certificate, pem } = await signCertificate(request, { key: keys.privateKey });
  const own = privateKey.pem() + pem;
  const kept = await home.create(ROOT_FILE, own);
  if (kept !== own) return readRoot(options, kept);
  log.info("new root certificate", { path: home.path(ROOT_FILE), trustDomain });
  return { key: keys.privateKey, certificate, pem, notAfter: request.notAfter };
}

async function readRoot({ home, trustDomain, clock, log }: AuthorityOptions, text: string): Promise<Root> {
  const broken = (what: string) =>
    new Error(
      `${home.path(ROOT_FILE)}: ${what}; restore it from a backup, or move it away to start a new mesh (every proxy then needs a new certificate)`,
    );
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  const keyPem = /-----BEGIN (?:EC )?PRIVATE KEY-----[^-]+-----END (?:EC )?PRIVATE KEY-----/.exec(text)?.[0];
  if (!pem || !keyPem) throw broken("it does not hold a private key and a certificate");
  const key = await importSigningKey(keyPem).catch((error: Error) => Promise.reject(broken(error.message)));
  const x509 = parse(pem);
  if (!x509) throw broken("the certificate in it cannot be read");
  if (!createPublicKey(createPrivateKey(keyPem)).equals(x509.publicKey))
    throw broken("key and certificate do not belong together");
  if (!x509.ca) throw broken("the certificate in it is not one of an authority");
  const notAfter = x509.validToDate.getTime();
  if (notAfter <= clock.now()) throw broken(`its certificate expired at ${x509.validTo}`);
  const uri = `URI:spiffe://${trustDomain}`;
  if (x509.subjectAltName && !x509.subjectAltName.split(", ").includes(uri)) {
    throw broken(`it is the root of ${x509.subjectAltName}, and the trust domain is ${trustDomain}`);
  }
  log.debug("root certificate read", { path: home.path(ROOT_FILE), validTo: x509.validTo });
  return { key, certificate: Certificate.fromBER(new Uint8Array(x509.raw)), pem: normalise(x509), notAfter };
}

async function moreRoots(home: KeyHome): Promise<string[]> {
  const text = await home.read(MORE_ROOTS_FILE);
  if (text === undefined) return [];
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block, index) => {
    const x509 = parse(block);
    if (!x509?.ca)
      throw new Error(`${home.path(MORE_ROOTS_FILE)}: certificate ${index + 1} is not an authority's; take it out`);
    return normalise(x509);
  });
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function normalise(x509: X509Certificate): string {
  return `${x509.toString().trimEnd()}\n`;
}
