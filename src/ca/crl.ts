import type { X509Certificate } from "node:crypto";
import { Certificate, CertificateRevocationList, Time } from "pkijs";
import { toPem } from "./private-key.ts";
import { listsIn } from "./root-book.ts";
import { BACKDATE_MS, type Signer } from "./signer.ts";

const block = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

/** Lists of revoked certificates that were checked. */
export interface RevocationLists {
  readonly pem: string;
  /** Whether each authority of the chain has one; where not, the leaf alone is looked up. */
  readonly whole: boolean;
  /** Milliseconds since the epoch when the first one ends: from then on proxies refuse whoever it is about. */
  readonly endsAt: number;
}

/**
 * Checks lists for the authorities of a chain, the one that signs leaves first: each is signed by one of them (or by another that is trusted),
 * each is current, and the first authority has one. Words otherwise.
 */
export async function checkLists(
  text: string,
  chain: readonly X509Certificate[],
  others: readonly X509Certificate[],
  now: number,
): Promise<RevocationLists | { readonly refused: string }> {
  const blocks = [...text.matchAll(block)].map(([, base64 = ""]) => base64);
  if (blocks.length === 0) return { refused: "it holds no list (X509 CRL) in PEM" };
  const having = new Set<X509Certificate>();
  let endsAt = Number.POSITIVE_INFINITY;
  for (const [index, base64] of blocks.entries()) {
    const list = decode(base64);
    if (list === undefined) return { refused: `list ${index + 1} cannot be read` };
    const issuer = await issuerOf(list, [...chain, ...others]);
    if (issuer === undefined)
      return { refused: `list ${index + 1} is signed by no authority of the chain or the roots` };
    const ends = list.nextUpdate?.value.getTime() ?? Number.POSITIVE_INFINITY;
    if (ends <= now) return { refused: `list ${index + 1} ended at ${new Date(ends).toISOString()}` };
    having.add(issuer);
    endsAt = Math.min(endsAt, ends);
  }
  const [first] = chain;
  if (first !== undefined && !having.has(first))
    return {
      refused: `it holds no list of the authority that signs (${first.subject.split("\n").join(", ")}), so that proxies would refuse all`,
    };
  return { pem: listsIn(text), whole: chain.every((x509) => having.has(x509)), endsAt };
}

/** Whether one of the lists is of this authority. */
export async function hasListOf(text: string, x509: X509Certificate): Promise<boolean> {
  for (const [, base64 = ""] of text.matchAll(block)) {
    const list = decode(base64);
    if (list !== undefined && (await issuerOf(list, [x509])) !== undefined) return true;
  }
  return false;
}

/** An empty list of an authority whose key is here: beside another's list each needs one. `endsAt` is milliseconds since the epoch. */
export async function emptyList({ key, certificate }: Signer, now: number, endsAt: number): Promise<string> {
  const list = new CertificateRevocationList();
  list.version = 1;
  list.issuer = certificate.subject;
  list.thisUpdate = time(now - BACKDATE_MS);
  list.nextUpdate = time(endsAt);
  await list.sign(key, "SHA-256");
  return toPem("X509 CRL", new Uint8Array(list.toSchema(true).toBER(false)));
}

/** UTCTime up to 2049, GeneralizedTime from then on: RFC 5280 4.1.2.5. */
function time(ms: number): Time {
  const value = new Date(ms);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

function decode(base64: string): CertificateRevocationList | undefined {
  try {
    return CertificateRevocationList.fromBER(new Uint8Array(Buffer.from(base64, "base64")));
  } catch {
    return undefined;
  }
}

async function issuerOf(
  list: CertificateRevocationList,
  candidates: readonly X509Certificate[],
): Promise<X509Certificate | undefined> {
  for (const x509 of candidates) {
    const issuerCertificate = Certificate.fromBER(new Uint8Array(x509.raw));
    if (!list.issuer.isEqual(issuerCertificate.subject)) continue;
    if (await list.verify({ issuerCertificate }).catch(() => false)) return x509;
  }
  return undefined;
}
