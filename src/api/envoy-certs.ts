import { mergeCertificates, normalSerial } from "./certificates.ts";
import type { CertificateSummary } from "./contract/certificates.ts";

/** Path of Envoy's admin interface: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--certs. */
export const certsPath = "/certs";

interface EnvoyCertificate {
  readonly path?: string;
  readonly serial_number?: string;
  readonly subject_alt_names?: readonly { readonly uri?: string; readonly dns?: string }[];
  readonly valid_from?: string;
  readonly expiration_time?: string;
}

interface EnvoyCerts {
  readonly certificates?: readonly {
    readonly ca_cert?: readonly EnvoyCertificate[];
    readonly cert_chain?: readonly EnvoyCertificate[];
  }[];
}

/** Where Envoy says that a certificate came over xDS. */
const inline = "<inline>";

/** What a proxy's Envoy says that it has (`GET /certs`), as held by that proxy. Throws where it is no such answer. */
export function envoyCertificates(body: string, proxy: string): readonly CertificateSummary[] {
  const { certificates = [] } = JSON.parse(body) as EnvoyCerts;
  const all = certificates.flatMap(({ ca_cert = [], cert_chain = [] }) => [
    ...ca_cert.map((one) => summary(one, "root", proxy)),
    // The leaf stands first, where Envoy tells more than it.
    ...cert_chain.map((one, index) => summary(one, index === 0 ? kindOf(one) : "intermediate", proxy)),
  ]);
  return mergeCertificates(all);
}

/** What is known with who has it in truth: proxies that were asked hold what their Envoys say, and nothing else. */
export function withLive(
  known: readonly CertificateSummary[],
  live: readonly CertificateSummary[],
  asked: ReadonlySet<string>,
): readonly CertificateSummary[] {
  const told = known.map((one) => ({ ...one, holders: one.holders.filter((holder) => !asked.has(holder)) }));
  const bySerial = new Map(told.map((one) => [`${one.serial} ${one.notAfter}`, one]));
  const found = live.map((one) => {
    const same = bySerial.get(`${one.serial} ${one.notAfter}`);
    return same === undefined ? one : { ...same, holders: one.holders };
  });
  return mergeCertificates([...told, ...found]);
}

function kindOf({ subject_alt_names = [] }: EnvoyCertificate): "workload" | "gateway" {
  return subject_alt_names.some(({ uri }) => uri?.startsWith("spiffe://")) ? "workload" : "gateway";
}

function summary(one: EnvoyCertificate, kind: CertificateSummary["kind"], proxy: string): CertificateSummary {
  const names = (one.subject_alt_names ?? []).flatMap(({ uri, dns }) => uri ?? dns ?? []);
  const { path = inline } = one;
  return {
    kind,
    name: names.join(", ") || (path === inline ? "(no name)" : path),
    subject: "",
    serial: normalSerial(one.serial_number ?? ""),
    issuer: "",
    notBefore: Date.parse(one.valid_from ?? ""),
    notAfter: Date.parse(one.expiration_time ?? ""),
    renewed: false,
    holders: path === inline ? [proxy] : [proxy, path],
  };
}
