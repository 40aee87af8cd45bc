import type { ClientTLSSettings } from "../../../gen/istio/destination-rule.ts";
import type { Findings } from "../finding.ts";

/** Checks how a client makes TLS. */
export function checkClientTls(tls: ClientTLSSettings, found: Findings): void {
  const has = (field: "caCertificates" | "credentialName" | "clientCertificate" | "privateKey" | "caCrl"): boolean =>
    (tls[field] ?? "") !== "";
  const mode = tls.mode ?? "DISABLE";
  if (tls.insecureSkipVerify) {
    const names = (tls.subjectAltNames?.length ?? 0) > 0;
    if (mode === "SIMPLE" && (has("caCertificates") || has("credentialName") || names)) {
      found.error(
        "cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true",
        "remove insecureSkipVerify",
      );
    }
    if (mode === "MUTUAL" && (has("caCertificates") || names)) {
      found.error(
        "cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true",
        "remove insecureSkipVerify",
      );
    }
  }
  if ((mode === "SIMPLE" || mode === "MUTUAL") && has("credentialName")) {
    if (has("clientCertificate") || has("caCertificates") || has("privateKey") || has("caCrl")) {
      found.error(
        "cannot specify client certificates or CA certificate or CA CRL If credentialName is set",
        "keep credentialName alone",
      );
    }
    return;
  }
  if (mode !== "MUTUAL") return;
  if (!has("clientCertificate"))
    found.error("client certificate required for mutual tls", "write clientCertificate or credentialName");
  if (!has("privateKey")) found.error("private key required for mutual tls", "write privateKey or credentialName");
}
