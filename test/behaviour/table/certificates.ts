import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A CA of its own in a folder, and certificates by it, each made when it is first asked for. */
export class Certificates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    const made = ["-days", "2", "-subj", "/CN=table-ca", "-keyout", this.file("ca-key.pem"), "-out", this.caFile];
    openssl("req", "-x509", ...newKey, ...made);
    this.of("workload", ["*.default.svc.cluster.local", "*.other.svc.cluster.local", "*.example.com", "echo"]);
  }

  get caFile(): string {
    return this.file("ca.pem");
  }

  get ca(): string {
    return readFileSync(this.caFile, "utf8");
  }

  /** PEM of a certificate whose subject and, unless others are said, DNS name is `name`. */
  of(name: string, dnsNames: readonly string[] = [name]): { cert: string; key: string } {
    const { cert, key } = this.filesOf(name, dnsNames);
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  }

  filesOf(name: string, dnsNames: readonly string[] = [name]): { cert: string; key: string } {
    const plain = name.replaceAll("*", "_");
    const [cert, key, request, extension] = [".pem", "-key.pem", ".csr", ".ext"].map((end) =>
      this.file(plain + end),
    ) as [...[string, string, string, string]];
    if (existsSync(cert)) return { cert, key };
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", key, "-out", request);
    const names = dnsNames.map((dns) => `DNS:${dns}`).join(",");
    writeFileSync(extension, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const by = ["-CA", this.caFile, "-CAkey", this.file("ca-key.pem"), "-CAcreateserial"];
    openssl("x509", "-req", "-in", request, ...by, "-days", "2", "-extfile", extension, "-out", cert);
    return { cert, key };
  }

  file(name: string): string {
    return join(this.#folder, name);
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
