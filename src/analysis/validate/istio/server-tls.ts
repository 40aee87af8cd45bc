import type { ServerTLSSettings } from "../../../gen/istio/gateway.ts";
import { cipherSuites } from "../../../plan/security/cipher-suites.ts";
import type { Findings } from "../finding.ts";

/** Checks how a server terminates TLS. */
export function checkServerTls(tls: ServerTLSSettings, found: Findings): void {
  checkCiphers(tls, found);
  const mode = tls.mode ?? "PASSTHROUGH";
  if (mode === "ISTIO_MUTUAL") checkIstioMutual(tls, found);
  else checkOwnCertificates(tls, mode, found);
}

function checkOwnCertificates(tls: ServerTLSSettings, mode: string, found: Findings): void {
  const names = (tls.credentialNames?.length ?? 0) > 0;
  const certificates = tls.tlsCertificates ?? [];
  if (mode === "PASSTHROUGH" || mode === "AUTO_PASSTHROUGH") {
    const given = [tls.caCrl, tls.serverCertificate, tls.privateKey, tls.caCertificates, tls.credentialName].some(
      (v) => (v ?? "") !== "",
    );
    if (given || names || certificates.length > 0)
      found.warn(`${mode} mode does not use certificates, they will be ignored`, "remove them");
  }
  const sources = [
    isGiven(tls.serverCertificate) && isGiven(tls.privateKey),
    isGiven(tls.credentialName),
    names,
    certificates.length > 0,
  ];
  if (sources.filter(Boolean).length > 1) {
    found.error(
      "only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified",
      "keep one of them",
    );
  }
  const terminates = mode === "SIMPLE" || mode === "MUTUAL" || mode === "OPTIONAL_MUTUAL";
  if (terminates && (isGiven(tls.credentialName) || names)) return;
  if (terminates) checkCertificates(tls, mode, found);
  if (isGiven(tls.caCrl)) {
    if (isGiven(tls.credentialName))
      found.error(
        "CRL is not supported with credentialName. CRL has to be specified in the credential",
        "remove caCrl",
      );
    if (mode === "SIMPLE") found.error("CRL is not supported with SIMPLE TLS", "remove caCrl, or use MUTUAL");
  }
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}

function checkCertificates(tls: ServerTLSSettings, mode: string, found: Findings): void {
  const name = mode === "SIMPLE" ? "SIMPLE TLS" : "MUTUAL TLS";
  if (mode !== "SIMPLE" && !isGiven(tls.caCertificates))
    found.error(`${name} requires a client CA bundle`, "write caCertificates or credentialName");
  const listed = tls.tlsCertificates ?? [];
  if (listed.length > 2)
    found.at("tlsCertificates").warn(`${name} can support up to 2 server certificates`, "remove some");
  const certificates = listed.length > 0 ? listed : [tls];
  certificates.forEach((certificate, i) => {
    const at = listed.length > 0 ? found.at("tlsCertificates", i) : found;
    if (!isGiven(certificate.serverCertificate))
      at.error(`${name} requires a server certificate`, "write serverCertificate or credentialName");
    if (!isGiven(certificate.privateKey))
      at.error(`${name} requires a private key`, "write privateKey or credentialName");
  });
}

function checkIstioMutual(tls: ServerTLSSettings, found: Findings): void {
  const own: readonly (readonly [keyof ServerTLSSettings, string])[] = [
    ["serverCertificate", "server certificate"],
    ["privateKey", "private key"],
    ["caCertificates", "CA bundle"],
    ["tlsCertificates", "tlsCertificates"],
    ["credentialName", "credentialName"],
    ["credentialNames", "credentialNames"],
  ];
  for (const [field, what] of own) {
    const value = tls[field] as string | readonly unknown[] | undefined;
    if ((value?.length ?? 0) > 0)
      found
        .at(field)
        .error(`ISTIO_MUTUAL TLS cannot have associated ${what}`, "remove it: the mesh's own certificate is used");
  }
}

function checkCiphers(tls: ServerTLSSettings, found: Findings): void {
  const given = tls.cipherSuites ?? [];
  if ((tls.minProtocolVersion === "TLSV1_0" || tls.minProtocolVersion === "TLSV1_1") && given.length === 0) {
    found
      .at("minProtocolVersion")
      .warn(
        "TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers",
        "write cipherSuites",
      );
  }
  const seen = new Set<string>();
  const [invalid, twice]: [string[], string[]] = [[], []];
  for (const suite of given) {
    // "-AES128-SHA" and the like are operators of OpenSSL's cipher strings.
    const isOperator = suite === "" || suite === "ALL" || !/^[\p{L}\p{N}]/u.test(suite);
    if (!isOperator && !cipherSuites.has(suite)) invalid.push(suite);
    else if (seen.has(suite)) twice.push(suite);
    seen.add(suite);
  }
  const at = found.at("cipherSuites");
  if (invalid.length > 0)
    at.warn(`ignoring invalid cipher suites: [${[...new Set(invalid)].sort().join(" ")}]`, "remove them");
  if (twice.length > 0)
    at.warn(`ignoring duplicate cipher suites: [${[...new Set(twice)].sort().join(" ")}]`, "remove them");
}
