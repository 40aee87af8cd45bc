import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as asn1js from "asn1js";
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  RelativeDistinguishedNames,
  setEngine,
} from "pkijs";
import { toPem } from "./private-key.ts";

setEngine("weft", new CryptoEngine({ name: "weft", crypto: webcrypto }));

// https://www.rfc-editor.org/rfc/rfc5280 section 4.2.1; bits of KeyUsage count from the left.
const OID = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  organization: "2.5.4.10",
  commonName: "2.5.4.3",
} as const;
const DIGITAL_SIGNATURE = 0x80;
const KEY_ENCIPHERMENT = 0x20;
const KEY_CERT_SIGN = 0x04;
const CRL_SIGN = 0x02;

/** Names in a certificate. */
export interface SubjectNames {
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

/** What is to be signed. Times are milliseconds since the epoch, cut to seconds. */
export interface CertificateRequest {
  readonly serial: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly names: SubjectNames;
  /** Organization and common name; absent leaves the subject empty, as SPIFFE has it, and makes the names critical. */
  readonly subject?: { readonly organization: string; readonly commonName: string };
  readonly publicKey: webcrypto.CryptoKey;
  readonly ca: boolean;
}

/** Who signs; without a certificate the new one is signed by itself. */
export interface Issuer {
  readonly key: webcrypto.CryptoKey;
  readonly certificate?: Certificate;
}

/** Signs a certificate; answers with it and its PEM. */
export async function signCertificate(
  request: CertificateRequest,
  issuer: Issuer,
): Promise<{ certificate: Certificate; pem: string }> {
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ valueHex: positive(request.serial) });
  certificate.subject = request.subject ? distinguishedName(request.subject) : emptyName();
  certificate.issuer = issuer.certificate?.subject ?? certificate.subject;
  certificate.notBefore.value = new Date(Math.floor(request.notBefore / 1000) * 1000);
  certificate.notAfter.value = new Date(Math.floor(request.notAfter / 1000) * 1000);
  await certificate.subjectPublicKeyInfo.importKey(request.publicKey);
  const own = await keyIdentifier(certificate);
  const signer = issuer.certificate ? await keyIdentifier(issuer.certificate) : own;
  certificate.extensions = extensions(request, own, signer);
  await certificate.sign(issuer.key, issuer.key.algorithm.name === "ECDSA" ? curveHash(issuer.key) : "SHA-256");
  return { certificate, pem: toPem("CERTIFICATE", new Uint8Array(certificate.toSchema(true).toBER(false))) };
}

/** As strong as the curve. */
function curveHash({ algorithm }: webcrypto.CryptoKey): string {
  return (algorithm as webcrypto.EcKeyAlgorithm).namedCurve === "P-384" ? "SHA-384" : "SHA-256";
}

function extensions(request: CertificateRequest, own: ArrayBuffer, signer: ArrayBuffer): Extension[] {
  const usage = request.ca ? KEY_CERT_SIGN | CRL_SIGN : DIGITAL_SIGNATURE | KEY_ENCIPHERMENT;
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: signer }) });
  const list = [
    extension(OID.basicConstraints, true, new BasicConstraints({ cA: request.ca }).toSchema()),
    extension(OID.keyUsage, true, bits(usage)),
    extension(OID.subjectKeyIdentifier, false, new asn1js.OctetString({ valueHex: own })),
    extension(OID.authorityKeyIdentifier, false, authority.toSchema()),
  ];
  if (!request.ca) {
    const purposes = new ExtKeyUsage({ keyPurposes: [OID.serverAuth, OID.clientAuth] });
    list.push(extension(OID.extendedKeyUsage, false, purposes.toSchema()));
  }
  const names = generalNames(request.names);
  if (names.length > 0) {
    list.push(extension(OID.subjectAltName, !request.subject, new GeneralNames({ names }).toSchema()));
  }
  return list;
}

function extension(extnID: string, critical: boolean, value: { toBER(sizeOnly?: boolean): ArrayBuffer }): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER(false) });
}

/** KeyUsage is a bit string without trailing zeroes (DER). */
function bits(usage: number): asn1js.BitString {
  let unusedBits = 0;
  while (((usage >> unusedBits) & 1) === 0) unusedBits++;
  return new asn1js.BitString({ valueHex: new Uint8Array([usage]).buffer, unusedBits });
}

function generalNames({ uris, dns, ips }: SubjectNames): GeneralName[] {
  return [
    ...uris.map((value) => new GeneralName({ type: 6, value })),
    ...dns.map((value) => new GeneralName({ type: 2, value })),
    ...ips.map((ip) => new GeneralName({ type: 7, value: new asn1js.OctetString({ valueHex: ipBytes(ip) }) })),
  ];
}

/** An IP address as bytes; IPv6 by the URL parser, which writes it without `::` tricks left to us but one. */
function ipBytes(ip: string): ArrayBuffer {
  if (isIP(ip) === 4) return new Uint8Array(ip.split(".").map(Number)).buffer;
  if (isIP(ip) !== 6) throw new Error(`"${ip}" is not an IP address; put a name among the DNS names`);
  const plain = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  return new Uint8Array(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]))
    .buffer;
}

/** An empty name is an empty sequence; left to itself pkijs writes a sequence of one empty set, which Envoy's TLS refuses. */
function emptyName(): RelativeDistinguishedNames {
  const name = new RelativeDistinguishedNames();
  name.valueBeforeDecode = new Uint8Array([0x30, 0x00]).buffer;
  return name;
}

function distinguishedName(subject: { organization: string; commonName: string }): RelativeDistinguishedNames {
  const part = (type: string, value: string) =>
    new AttributeTypeAndValue({ type, value: new asn1js.Utf8String({ value }) });
  return new RelativeDistinguishedNames({
    typesAndValues: [part(OID.organization, subject.organization), part(OID.commonName, subject.commonName)],
  });
}

/** SHA-1 of the public key, as RFC 5280 4.2.1.2 (1) has it: a name, not a signature. */
async function keyIdentifier(certificate: Certificate): Promise<ArrayBuffer> {
  const { subjectPublicKey } = certificate.subjectPublicKeyInfo;
  return crypto.subtle.digest("SHA-1", new Uint8Array(subjectPublicKey.valueBlock.valueHexView));
}

/** A serial number must be positive, and at most 20 bytes. */
function positive(serial: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(serial.slice(0, 20));
  copy[0] = ((copy[0] ?? 0) & 0x7f) | 0x40;
  return copy.buffer;
}
