import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { makeCertificates } from "../../cluster/certificates.ts";

interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificates that the suite's own harness brings: files for backends, objects for Gateways, PEM for clients. */
export interface Certificates {
  readonly files: { readonly cert: string; readonly key: string };
  readonly objects: string;
  readonly ca: string;
  /** Of a client, by the CA that Gateways trust, and by the one that they trust on a port of its own. */
  readonly client: ClientCertificate;
  readonly portClient: ClientCertificate;
  remove(): void;
}

const infra = "gateway-conformance-infra";

/** Secrets of a server's certificate, as the suite names them. */
const servers = [
  [infra, "tls-validity-checks-certificate"],
  [infra, "tls-passthrough-checks-certificate"],
  [infra, "tls-checks-certificate"],
  [infra, "tls-terminate-checks-certificate"],
  [infra, "certificate"],
  ["gateway-conformance-web-backend", "certificate"],
  ["gateway-conformance-app-backend", "tls-passthrough-checks-certificate"],
] as const;

const portRoots = "tls-validity-checks-per-port-ca-certificate";

/** ConfigMaps with the CA. */
const roots = ["tls-checks-ca-certificate", "tls-validity-checks-ca-certificate"];

const names = [
  "abc.example.com",
  "other.example.com",
  "example.org",
  "second-example.org",
  "unknown-example.org",
  "*.wildcard.org",
  "tls.example.com",
  "example.com",
];

export async function suiteCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), "weft-gateway-api-tls-"));
  const other = mkdtempSync(join(tmpdir(), "weft-gateway-api-tls-"));
  const san = [...names.map((name) => `DNS:${name}`), "URI:spiffe://abc.example.com/test-identity"].join(",");
  await makeCertificates(folder, { server: san, client: "DNS:client.example" });
  await makeCertificates(other, { client: "DNS:client.example" });
  const file = (name: string) => join(folder, `${name}.pem`);
  const pem = (name: string) => readFileSync(file(name), "utf8");
  const otherPem = (name: string) => readFileSync(join(other, `${name}.pem`), "utf8");
  const secrets = servers.map(([namespace, name]) => ({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name, namespace },
    stringData: { "tls.crt": pem("server"), "tls.key": pem("server-key") },
  }));
  const all = [...roots.map((name) => [name, pem("ca")] as const), [portRoots, otherPem("ca")] as const];
  const maps = all.map(([name, ca]) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: infra },
    data: { "ca.crt": ca },
  }));
  return {
    files: { cert: file("server"), key: file("server-key") },
    objects: [...secrets, ...maps].map((o) => stringify(o)).join("---\n"),
    ca: pem("ca"),
    client: { cert: pem("client"), key: pem("client-key") },
    portClient: { cert: otherPem("client"), key: otherPem("client-key") },
    remove: () => {
      for (const made of [folder, other]) rmSync(made, { recursive: true, force: true });
    },
  };
}
