import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaFiles, CaSource } from "./plugged-in.ts";

/** Keys and certificates of a user's authority, as OpenSSL makes them. */
export interface Made {
  readonly cert: string;
  readonly key: string;
}

type Key = "ec:P-256" | "ec:P-384" | `rsa:${number}`;

interface Wishes {
  readonly key?: Key;
  readonly days?: number;
  /** Lines of an extension section. */
  readonly extensions?: readonly string[];
  readonly hash?: string;
}

const authority = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/** One authority's files in a folder of its own: certificates, and lists of revoked ones. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "weft-workshop-"));

  root(name: string, wishes: Wishes = {}): Made {
    return this.#make(name, wishes);
  }

  below(parent: Made, name: string, wishes: Wishes = {}): Made {
    return this.#make(name, wishes, parent);
  }

  /** A list of the authority, which names the serial numbers (hexadecimal). */
  list(of: Made, revoked: readonly string[] = [], days = 30): string {
    const lines = revoked.map((serial) => `R\t300101000000Z\t260101000000Z\t${serial}\tunknown\t/CN=revoked`);
    this.#write("index.txt", lines.map((line) => `${line}\n`).join(""));
    this.#write("index.txt.attr", "unique_subject = no\n");
    this.#write("ca.cnf", `[ca]\ndefault_ca=own\n[own]\ndatabase=${this.folder}/index.txt\ndefault_md=sha256\n`);
    const files = ["-cert", this.#write("of.pem", of.cert), "-keyfile", this.#write("of.key", of.key)];
    return this.#openssl("ca", "-gencrl", "-config", join(this.folder, "ca.cnf"), "-crldays", String(days), ...files);
  }

  #make(
    name: string,
    { key = "ec:P-256", days = 3650, extensions = authority, hash = "sha256" }: Wishes,
    parent?: Made,
  ) {
    const [kind = "", size = ""] = key.split(":");
    const how = kind === "ec" ? `ec_paramgen_curve:${size}` : `rsa_keygen_bits:${size}`;
    const pem = this.#openssl("genpkey", "-algorithm", kind === "ec" ? "EC" : "RSA", "-pkeyopt", how);
    const keyFile = this.#write("own.key", pem);
    this.#write("ext.cnf", `[req]\ndistinguished_name=dn\n[dn]\n[ext]\n${extensions.join("\n")}\n`);
    const config = ["-config", join(this.folder, "ext.cnf"), "-extensions", "ext"];
    const signer =
      parent === undefined
        ? []
        : ["-CA", this.#write("parent.pem", parent.cert), "-CAkey", this.#write("parent.key", parent.key)];
    const common = ["-subj", `/O=Shop/CN=${name}`, "-days", String(days), `-${hash}`];
    const cert = this.#openssl("req", "-x509", "-new", "-key", keyFile, ...common, ...config, ...signer);
    return { cert, key: pem };
  }

  #write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  #openssl(...args: string[]): string {
    return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** A root, an authority below it, and the files that plug it in. */
export function shop(workshop: Workshop, root = workshop.root("root"), wishes: Wishes = {}) {
  const own = workshop.below(root, "mesh authority", wishes);
  return { root, own, files: filesOf(own, root) };
}

export function filesOf(own: Made, root: Made): CaFiles {
  return {
    "ca-cert.pem": own.cert,
    "ca-key.pem": own.key,
    "root-cert.pem": root.cert,
    "cert-chain.pem": own.cert === root.cert ? root.cert : own.cert + root.cert,
  };
}

/** What is plugged in, to be changed by a test. */
export class Plugged implements CaSource {
  readonly place = "cacerts";
  files: CaFiles | undefined;

  constructor(files?: CaFiles) {
    this.files = files;
  }

  async read(): Promise<CaFiles | undefined> {
    return this.files;
  }
}
