import { X509Certificate } from "node:crypto";
import type { CertificateKind, CertificateSummary } from "./contract/certificates.ts";

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is known of a certificate beside what stands in it. */
export interface Held {
  readonly kind: CertificateKind;
  readonly renewed: boolean;
  readonly state?: string;
  readonly holders: readonly string[];
}

/** Certificates in a text of PEM, in its order. What cannot be read is left out. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(block) ?? []).flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });
}

/** A certificate as the API tells of it. */
export function certificateSummary(x509: X509Certificate, held: Held): CertificateSummary {
  const subject = oneLine(x509.subject);
  return {
    ...held,
    name: nameOf(x509) || subject || "(no name)",
    subject,
    serial: normalSerial(x509.serialNumber),
    issuer: oneLine(x509.issuer),
    notBefore: x509.validFromDate.getTime(),
    notAfter: x509.validToDate.getTime(),
  };
}

/** The leaf of a chain as what it is, and those above it as intermediates. */
export function chainSummaries(pem: string, held: Held): readonly CertificateSummary[] {
  return certificatesIn(pem).map((x509, index) =>
    certificateSummary(x509, index === 0 ? held : { ...held, kind: x509.ca ? "intermediate" : held.kind }),
  );
}

/** Each certificate once, with all that hold it. */
export function mergeCertificates(all: readonly CertificateSummary[]): readonly CertificateSummary[] {
  const merged = new Map<string, CertificateSummary>();
  for (const one of all) {
    const key = `${one.kind} ${one.serial} ${one.notAfter}`;
    const before = merged.get(key);
    const holders = [...new Set([...(before?.holders ?? []), ...one.holders])];
    merged.set(key, { ...(before ?? one), holders });
  }
  return [...merged.values()];
}

/** Without leading zeroes and in lower case, so that ours and Envoy's can be compared. */
export function normalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, "");
}

function nameOf({ subjectAltName }: X509Certificate): string {
  const names = subjectAltName?.split(", ") ?? [];
  const of = (prefix: string) =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const uris = of("URI:");
  return (uris.length > 0 ? uris : of("DNS:")).join(", ");
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}
