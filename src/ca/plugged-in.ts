import type { X509Certificate } from "node:crypto";
import { factsOf } from "./certificate-facts.ts";
import { checkLists, type RevocationLists } from "./crl.ts";
import { certificatesIn, isSelfSigned, keyIn, pemOf } from "./pem.ts";
import { fits, type RootEntry } from "./root-book.ts";
import { type Signer, signerOf } from "./signer.ts";

/** Clocks may differ by so much before a certificate counts as not valid yet. */
const SKEW_MS = 10 * 60_000;

/** Where an authority of the user's is plugged in: a folder, or a Secret. */
export interface CaSource {
  /** Texts by file name; undefined where nothing is plugged in. Throws when it cannot be read. */
  read(): Promise<CaFiles | undefined>;
  /** What people call it: `/etc/cacerts`, `Secret istio-system/cacerts`. */
  readonly place: string;
}

export type CaFiles = Readonly<Record<string, string>>;

/** Istio's file names, and those that cert-manager writes, which Istio reads too. */
const layouts = [
  { cert: "ca-cert.pem", key: "ca-key.pem", root: "root-cert.pem", chain: "cert-chain.pem" },
  { cert: "tls.crt", key: "tls.key", root: "ca.crt", chain: "tls.crt" },
] as const;
const crlFile = "ca-crl.pem";

/** All names that count. */
export const caFileNames: readonly string[] = [
  ...new Set([...layouts.flatMap(({ cert, key, root, chain }) => [cert, key, root, chain]), crlFile]),
];

/** An authority of the user's that was checked. */
export interface PluggedCa {
  readonly signer: Signer;
  /** The anchor of its chain first, then whatever else the file of roots holds. */
  readonly roots: readonly X509Certificate[];
  /** Of revoked certificates; undefined where there are none. `refused`: what is there does not count. */
  readonly lists: RevocationLists | { readonly refused: string } | undefined;
}

/**
 * Checks an authority of the user's: its key fits, each certificate up to a root of the file of roots may sign, is signed by the next and is valid
 * now, and no authority is below one that allows none. Words with the file otherwise.
 */
export async function checkCa(files: CaFiles, now: number): Promise<PluggedCa | { readonly refused: string }> {
  const layout = layouts.find(({ key }) => files[key] !== undefined) ?? layouts[0];
  const missing = [layout.cert, layout.key, layout.root].filter((name) => (files[name] ?? "") === "");
  if (missing.length > 0) return { refused: `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing` };
  const read = readAll(files, layout);
  if ("refused" in read) return read;
  const path = pathOf(read, layout);
  if ("refused" in path) return path;
  const wrong = wrongIn(path.path, path.anchor, now);
  if (wrong !== undefined) return { refused: wrong };
  try {
    const signer = await signerOf(read.key, path.path, path.anchor);
    const others = read.roots.filter((root) => root.fingerprint256 !== path.anchor.fingerprint256);
    const crl = files[crlFile];
    const chain = [...path.path, path.anchor];
    const lists = crl === undefined ? undefined : await checkLists(crl, chain, [...others, ...read.between], now);
    return { signer, roots: [path.anchor, ...others], lists };
  } catch (error) {
    return { refused: `${layout.key}: ${(error as Error).message}` };
  }
}

interface Read {
  readonly key: string;
  readonly own: X509Certificate;
  /** What may be between the signing certificate and a root. */
  readonly between: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
}

type Layout = (typeof layouts)[number];

function readAll(files: CaFiles, layout: Layout): Read | { readonly refused: string } {
  const certificates = new Map<string, readonly X509Certificate[]>();
  for (const name of new Set([layout.cert, layout.chain, layout.root])) {
    const found = certificatesIn(files[name] ?? "");
    const bad = found.indexOf(undefined);
    if (bad >= 0) return { refused: `${name}: certificate ${bad + 1} cannot be read` };
    certificates.set(
      name,
      found.filter((x509) => x509 !== undefined),
    );
  }
  const [own, ...more] = certificates.get(layout.cert) ?? [];
  const roots = certificates.get(layout.root) ?? [];
  const key = keyIn(files[layout.key] ?? "");
  if (own === undefined) return { refused: `${layout.cert} holds no certificate` };
  if (roots.length === 0) return { refused: `${layout.root} holds no certificate` };
  if (key === undefined) return { refused: `${layout.key} holds no private key in PEM, or one with a passphrase` };
  if (!fits(key, own)) return { refused: `${layout.key} is not the key of ${layout.cert}` };
  return { key, own, between: [...more, ...(certificates.get(layout.chain) ?? [])], roots };
}

function pathOf(
  { own, between, roots }: Read,
  layout: Layout,
): { path: readonly X509Certificate[]; anchor: X509Certificate } | { readonly refused: string } {
  const path: X509Certificate[] = [];
  for (let at = own; path.length <= between.length; ) {
    if (isSelfSigned(at)) {
      const isRoot = roots.some((root) => root.fingerprint256 === at.fingerprint256);
      return isRoot ? { path, anchor: at } : { refused: `the root ${nameOf(at)} is not in ${layout.root}` };
    }
    path.push(at);
    const signed = (other: X509Certificate) => at.checkIssued(other) && at.verify(other.publicKey);
    const above = roots.find(signed) ?? between.find(signed);
    if (above === undefined) {
      const files = [...new Set([layout.chain, layout.root])].join(" nor ");
      return {
        refused: `the chain is not complete: who signed ${nameOf(at)} (${oneLine(at.issuer)}) is neither in ${files}`,
      };
    }
    at = above;
  }
  return { refused: `the chain of ${nameOf(own)} goes round in a circle` };
}

function wrongIn(path: readonly X509Certificate[], anchor: X509Certificate, now: number): string | undefined {
  for (const [below, x509] of [...path, anchor].entries()) {
    const name = nameOf(x509);
    const { pathLength, maySign, isWeak } = factsOf(x509);
    if (!maySign) return `${name} may not sign certificates (its key usage leaves keyCertSign out)`;
    if (!x509.ca) return `${name} is not an authority's certificate (CA:TRUE is missing)`;
    if (pathLength !== undefined && pathLength < below)
      return `${name} allows ${pathLength} authorities below it, and there ${below === 1 ? "is 1" : `are ${below}`}`;
    if (isWeak && x509 !== anchor) return `${name} is signed with MD5 or SHA-1, which no proxy takes`;
    if (x509.validToDate.getTime() <= now) return `${name} expired at ${x509.validToDate.toISOString()}`;
    if (x509.validFromDate.getTime() > now + SKEW_MS)
      return `${name} is not valid before ${x509.validFromDate.toISOString()}`;
  }
  return undefined;
}

function nameOf(x509: X509Certificate): string {
  return `"${oneLine(x509.subject) || x509.serialNumber}"`;
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}

/** The root that an authority's leaves are trusted by, in PEM. */
export function anchorOf({ signer }: PluggedCa): { readonly pem: string; readonly x509: X509Certificate } {
  return { pem: pemOf(signer.anchor), x509: signer.anchor };
}

/** The lists of an authority, for its root: those that it had where what is there does not count. */
export function listsFor({ lists }: PluggedCa, known: RootEntry): RootEntry["lists"] {
  if (lists === undefined) return undefined;
  return "refused" in lists ? known.lists : { pem: lists.pem, whole: lists.whole };
}
