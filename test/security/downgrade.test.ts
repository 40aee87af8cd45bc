import { spawn, spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Certificate } from "pkijs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Workload } from "../../src/api/contract/workloads.ts";
import type { Authority } from "../../src/ca/authority.ts";
import { signCertificate } from "../../src/ca/certificate.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import { generateKeys, importSigningKey } from "../../src/ca/private-key.ts";
import { until } from "../e2e/ask.ts";
import { isRoot, Product } from "../e2e/product.ts";
import { authorityOf, identity, log, newFiles, random, ShiftedClock } from "./ca-bed.ts";

// Everything that a caller can offer to a sidecar's ports: versions of TLS, ALPN as Istio's proxies send it, certificates of every wrong kind.

const product = new Product({ port: 29_220 });
const server = `const {createServer}=require('node:http');createServer((q,s)=>s.end('by server '+q.url)).listen(+process.argv[1],process.env.POD_IP)`;
const workload = (name: string, run: string, more = "") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}${more}}
      annotations: {weft.dev/run: ${JSON.stringify(run)}}
    spec:
      containers:
      - name: app
        image: none
        ports: [{containerPort: 8080}]
        env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
---
`;
const service = (name: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 9000}, {name: sniffed, port: 8888}]
---
`;
const script = "server.cjs";
const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: default}
spec: {selector: {matchLabels: {app: strict}}, mtls: {mode: STRICT}}
---
`;

let own: Authority;
let foreign: Authority;
const certificates = new Map<string, Shown>();
const addresses = new Map<string, string>();

interface Shown {
  readonly cert: string;
  readonly key: string;
}

beforeAll(async () => {
  product.write(
    `mesh/${script}`,
    `process.argv.splice(1,1);for(const p of [8080,9000,8888]){process.argv[1]=String(p);${server}}`,
  );
  const run = `node ${script}`;
  const none = ', sidecar.istio.io/inject: "false"';
  const mesh = [workload("strict", run), workload("lax", run), workload("outsider", "sleep 100000", none)];
  product.write("mesh/mesh.yaml", [...mesh, service("strict"), service("lax"), strict].join(""));
  const running = product.begin([join(product.dir, "mesh")], ["--name", "bookinfo"]);
  await until("it is up", () => running.output().includes("Ctrl-C stops it"), running.output);
  const all = await product.api<readonly Workload[]>("workloads");
  for (const { name, proxies } of all) addresses.set(name, proxies[0]?.address ?? "");
  await makeCertificates();
}, 120_000);

afterAll(() => product.close(), 60_000);

const of = ({ chain, key }: { chain: string; key: { pem(): string } }): Shown => ({ cert: chain, key: key.pem() });

async function makeCertificates(): Promise<void> {
  // The authority's files as they are now, beside it.
  const copy = join(mkdtempSync(join(tmpdir(), "weft-downgrade-")), "ca");
  cpSync(join(product.stateDir, "ca"), copy, { recursive: true });
  const files = new PrivateFiles(copy, log);
  own = await authorityOf(files, new ShiftedClock());
  foreign = await authorityOf(newFiles(), new ShiftedClock());
  certificates.set("of the mesh", of(await own.issue(identity("caller"))));
  const past = new ShiftedClock();
  past.shift = -60_000;
  certificates.set("that is over", of(await (await authorityOf(files, past, 30_000)).issue(identity("caller"))));
  certificates.set("of a stranger's authority", of(await foreign.issue(identity("caller"))));
  certificates.set(
    "signed by itself, with our name",
    await signed(undefined, "spiffe://cluster.local/ns/default/sa/caller"),
  );
  const root = issuer(readFileSync(join(copy, "root.pem"), "utf8"));
  certificates.set("of another trust domain", await signed(root, "spiffe://elsewhere/ns/default/sa/caller"));
  certificates.set(
    "of a trust domain that begins like ours",
    await signed(root, "spiffe://cluster.local.evil/ns/default/sa/caller"),
  );
  certificates.set("without a name", await signed(root, undefined));
}

function issuer(pem: string): { readonly keyPem: string; readonly certificate: Certificate } {
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0] ?? "";
  const keyPem = /-----BEGIN (?:EC )?PRIVATE KEY-----[^-]+-----END (?:EC )?PRIVATE KEY-----/.exec(pem)?.[0] ?? "";
  const der = Buffer.from(certificate.replace(/-----[^-]+-----|\s/g, ""), "base64");
  createPrivateKey(keyPem);
  return { keyPem, certificate: Certificate.fromBER(new Uint8Array(der)) };
}

async function signed(by: ReturnType<typeof issuer> | undefined, uri: string | undefined): Promise<Shown> {
  const { privateKey, keys } = await generateKeys();
  const request = {
    ...{ serial: random.bytes(16), notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000, ca: false },
    ...{ names: { uris: uri === undefined ? [] : [uri], dns: [], ips: [] }, publicKey: keys.publicKey },
    subject: { organization: "caller", commonName: "caller" },
  };
  const signer =
    by === undefined
      ? { key: keys.privateKey }
      : { key: await importSigningKey(by.keyPem), certificate: by.certificate };
  return { cert: (await signCertificate(request, signer)).pem, key: privateKey.pem() };
}

interface Outcome {
  readonly protocol?: string;
  readonly alpn?: string | false;
  readonly status?: number;
  readonly answer?: string;
  readonly error?: string;
  readonly server?: string;
}

interface Call {
  readonly to?: "strict" | "lax";
  readonly port?: number;
  readonly plain?: true;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The command that runs another one where the outsider is. */
function outside(): readonly string[] {
  const { pods } = JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as {
    pods: { workload: string; holder: { pid: number } }[];
  };
  const pid = pods.find((one) => one.workload === "outsider")?.holder.pid;
  return ["-t", String(pid), ...(isRoot ? [] : ["-U", "--preserve-credentials"]), "-n", "--"];
}

async function call({ to = "strict", port = 8080, plain, options = {} }: Call): Promise<Outcome> {
  const child = spawn("nsenter", [...outside(), process.execPath, join(import.meta.dirname, "caller.mjs")]);
  const servername = `outbound_.80_._.${to}.default.svc.cluster.local`;
  child.stdin.end(JSON.stringify({ host: addresses.get(to), port, plain, options: { servername, ...options } }));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === "") throw new Error(errors);
  return JSON.parse(out) as Outcome;
}

const shown = (name: string): Shown => certificates.get(name) as Shown;
const weak = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" };

describe("a port of STRICT takes the mesh's TLS 1.3", () => {
  // What Istio's proxies offer: HTTP/1.1, HTTP/2, bytes with metadata of the peer, bytes; then a client with no ALPN.
  const offers: Record<string, [readonly string[] | undefined, number, string | false]> = {
    "istio-http/1.1": [["istio-http/1.1", "istio", "http/1.1"], 8080, "http/1.1"],
    "istio-h2": [["istio-h2", "istio", "h2"], 8080, "h2"],
    "istio-peer-exchange on a port of bytes": [["istio-peer-exchange", "istio"], 9000, false],
    "istio on a port of bytes": [["istio"], 9000, false],
    "istio-http/1.1 on a port without a name": [["istio-http/1.1", "istio", "http/1.1"], 8888, "http/1.1"],
    nothing: [undefined, 8080, false],
  };
  test.each(Object.entries(offers))("with an ALPN of %s", async (_, [ALPNProtocols, port, chosen]) => {
    const options = { ...shown("of the mesh"), ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }) };
    for (const to of ["strict", "lax"] as const) {
      const outcome = await call({ to, port, options });
      expect(outcome).toMatchObject({ protocol: "TLSv1.3", alpn: chosen });
      expect(outcome.answer).toContain("by server /asked");
      expect(outcome.server).toContain(`spiffe://cluster.local/ns/default/sa/`);
    }
  });

  const versions = ["TLSv1", "TLSv1.1", "TLSv1.2"];
  test.each(versions)("and not %s, with whatever certificate", async (maxVersion) => {
    const outcome = await call({ options: { ...shown("of the mesh"), ...weak, maxVersion } });
    expect(outcome.answer).toBeUndefined();
    expect(outcome.error).toMatch(/PROTOCOL_VERSION|ECONNRESET|closed/);
  });

  test("and not TLS 1.2 by the word of OpenSSL", () => {
    const at = `${addresses.get("strict")}:8080`;
    const args = [...outside(), "openssl", "s_client", "-connect", at, "-brief"];
    const run = (flag: string) =>
      spawnSync("nsenter", [...args, flag], { input: "", encoding: "utf8", timeout: 10_000 });
    expect(run("-tls1_2").stderr).toMatch(/alert protocol version/);
    expect(run("-tls1_3").stderr).toMatch(/Protocol version: TLSv1\.3/);
  });

  test("and no plaintext: not a byte comes back", async () => {
    for (const port of [8080, 9000, 8888]) {
      const { answer, error } = await call({ port, plain: true });
      expect(answer).toBeUndefined();
      expect(error).toMatch(/ECONNRESET|closed without an answer/);
    }
  });

  const wrong = [
    "that is over",
    "of a stranger's authority",
    "signed by itself, with our name",
    "of another trust domain",
    "of a trust domain that begins like ours",
    "without a name",
  ];
  test.each(wrong)("and no certificate %s", async (name) => {
    for (const to of ["strict", "lax"] as const)
      for (const port of [8080, 9000, 8888]) {
        const { answer, error } = await call({
          to,
          port,
          options: { ...shown(name), ALPNProtocols: ["istio", "http/1.1"] },
        });
        expect({ answer, port, to }).toEqual({ answer: undefined, port, to });
        expect(error).toMatch(/ALERT|ECONNRESET|closed/);
      }
  });

  test("and nobody without a certificate", async () => {
    for (const to of ["strict", "lax"] as const) {
      const { answer, error } = await call({ to });
      expect(answer).toBeUndefined();
      expect(error).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET|closed/);
    }
  });

  test("and no session that is resumed instead of a certificate", () => {
    const at = `${addresses.get("strict")}:8080`;
    const { cert, key } = shown("of the mesh");
    const session = product.write("session", "");
    const [certFile, keyFile] = [product.write("cert.pem", cert), product.write("key.pem", key)];
    const base = [...outside(), "openssl", "s_client", "-connect", at, "-tls1_3", "-ign_eof"];
    const input = "GET /asked HTTP/1.1\r\nhost: strict\r\nconnection: close\r\n\r\n";
    const run = (args: readonly string[]) =>
      spawnSync("nsenter", [...base, ...args], { input, encoding: "utf8", timeout: 15_000 });
    const { stdout } = run(["-cert", certFile, "-key", keyFile, "-sess_out", session]);
    expect(stdout.includes("by server")).toBe(true);
    expect(stdout.includes("New Session Ticket")).toBe(false);
    expect(readFileSync(session, "utf8")).toBe("");
  });
});

test("a port of PERMISSIVE takes plaintext beside it, and says so to whoever asks", async () => {
  const { answer } = await call({ to: "lax", plain: true });
  expect(answer).toContain("by server /asked");
});
