import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A CA and certificates by it, as PEM files: `ca.pem`, and for each name `NAME.pem` and `NAME-key.pem`; `cert.pem`, `key.pem` and `crl.pem`, a list of nothing revoked, always. */
export async function makeCertificates(
  directory: string,
  subjects: Readonly<Record<string, string>> = {},
): Promise<void> {
  const at = (file: string) => join(directory, file);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    "req",
    "-x509",
    ...key,
    "-days",
    "2",
    "-subj",
    "/CN=test-ca",
    "-keyout",
    at("ca-key.pem"),
    "-out",
    at("ca.pem"),
  ]);
  for (const [name, san] of Object.entries({ cert: "DNS:test.example.com", ...subjects })) {
    const keyFile = at(name === "cert" ? "key.pem" : `${name}-key.pem`);
    await run("openssl", ["req", ...key, "-subj", `/CN=${name}`, "-keyout", keyFile, "-out", at(`${name}.csr`)]);
    await writeFile(at(`${name}.ext`), `subjectAltName=${san}\n`);
    await run("openssl", [
      ...["x509", "-req", "-in", at(`${name}.csr`), "-CA", at("ca.pem"), "-CAkey", at("ca-key.pem"), "-CAcreateserial"],
      ...["-days", "2", "-extfile", at(`${name}.ext`), "-out", at(`${name}.pem`)],
    ]);
  }
  await writeFile(at("index.txt"), "");
  const ca = [
    "[ca]",
    "default_ca=own",
    "[own]",
    `database=${at("index.txt")}`,
    "default_md=sha256",
    "default_crl_days=2",
  ];
  await writeFile(at("ca.cnf"), `${ca.join("\n")}\n`);
  const signer = ["-keyfile", at("ca-key.pem"), "-cert", at("ca.pem")];
  await run("openssl", ["ca", "-gencrl", "-config", at("ca.cnf"), ...signer, "-out", at("crl.pem")]);
}
