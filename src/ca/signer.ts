import { X509Certificate } from "node:crypto";
import { Certificate } from "pkijs";
import type { Random } from "../std/random.ts";
import { type Issuer, signCertificate } from "./certificate.ts";
import { pemOf } from "./pem.ts";
import { generateKeys, importSigningKey, type KeyKind } from "./private-key.ts";
import type { RootEntry } from "./root-book.ts";

/** Certificates are valid from a while ago, for clocks that are behind ours. */
export const BACKDATE_MS = 10 * 60_000;

/** What signs leaves: a root itself, or an authority below one. */
export interface Signer extends Issuer {
  readonly certificate: Certificate;
  /** From the signing certificate up to the one below the root; empty where the root itself signs. */
  readonly path: readonly X509Certificate[];
  readonly anchor: X509Certificate;
  /** Milliseconds since the epoch of the first expiry among them: no leaf outlives it. */
  readonly notAfter: number;
}

/** A root that signs by itself. Throws when its key cannot sign. */
export async function rootSigner({ key = "", x509 }: Pick<RootEntry, "key" | "x509">): Promise<Signer> {
  return signerOf(key, [], x509);
}

/** Throws when the key cannot sign. `path` as `Signer` has it. */
export async function signerOf(
  key: string,
  path: readonly X509Certificate[],
  anchor: X509Certificate,
): Promise<Signer> {
  const own = path[0] ?? anchor;
  return {
    key: await importSigningKey(key),
    certificate: Certificate.fromBER(new Uint8Array(own.raw)),
    path,
    anchor,
    notAfter: Math.min(...[...path, anchor].map(({ validToDate }) => validToDate.getTime())),
  };
}

/** A new self-signed root. Times are milliseconds since the epoch, `life` milliseconds. */
export async function createRoot(options: {
  readonly trustDomain: string;
  readonly now: number;
  readonly life: number;
  readonly kind: KeyKind;
  readonly random: Random;
}): Promise<Pick<RootEntry, "pem" | "x509"> & { readonly key: string }> {
  const { trustDomain, now, life, kind, random } = options;
  const { privateKey, keys } = await generateKeys(kind);
  const serial = random.bytes(16);
  const { pem } = await signCertificate(
    {
      serial,
      notBefore: now - BACKDATE_MS,
      notAfter: now + life,
      names: { uris: [`spiffe://${trustDomain}`], dns: [], ips: [] },
      subject: {
        organization: trustDomain,
        commonName: `Weft root ${Buffer.from(serial.slice(0, 4)).toString("hex")}`,
      },
      publicKey: keys.publicKey,
      ca: true,
    },
    { key: keys.privateKey },
  );
  const x509 = new X509Certificate(pem);
  return { pem: pemOf(x509), x509, key: privateKey.pem() };
}

/** A certificate for a server that no authority signs: all that needs no trust goes on with it. */
export async function passingCertificate(
  name: string,
  now: number,
  random: Random,
): Promise<{ key: string; chain: string; issuedAt: number; notAfter: number }> {
  const { privateKey, keys } = await generateKeys();
  const notAfter = now + 24 * 3_600_000;
  const times = { serial: random.bytes(16), notBefore: now - BACKDATE_MS, notAfter };
  const request = { ...times, names: { uris: [], dns: [name], ips: [] }, publicKey: keys.publicKey, ca: false };
  const subject = { organization: "Weft", commonName: "no authority" };
  const { pem } = await signCertificate({ ...request, subject }, { key: keys.privateKey });
  return { key: privateKey.pem(), chain: pem, issuedAt: now, notAfter };
}
