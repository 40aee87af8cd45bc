import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { openAuthority } from "./authority.ts";
import { FakeClock, newFolder, open, random, recordingLog, reviews } from "./ca.fixture.ts";
import { type Disk, PrivateFiles } from "./private-files.ts";

const HOUR = 3_600_000;

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8" });
}

test("OpenSSL accepts the leaf, with its SPIFFE ID critical and alone", async () => {
  const clock = new FakeClock();
  clock.time = Date.now();
  const authority = await open(newFolder(), clock);
  const svid = await authority.issue(reviews);
  const folder = mkdtempSync(join(tmpdir(), "weft-openssl-"));
  writeFileSync(join(folder, "root.pem"), authority.roots.join(""));
  writeFileSync(join(folder, "leaf.pem"), svid.chain);
  writeFileSync(join(folder, "key.pem"), svid.key.pem());
  const verify = ["verify", "-x509_strict", "-CAfile", join(folder, "root.pem")];
  expect(openssl(...verify, "-purpose", "sslserver", join(folder, "leaf.pem"))).toContain("OK");
  expect(openssl(...verify, "-purpose", "sslclient", join(folder, "leaf.pem"))).toContain("OK");
  const text = openssl("x509", "-in", join(folder, "leaf.pem"), "-noout", "-text");
  expect(text).toMatch(
    /Subject Alternative Name: critical\s+URI:spiffe:\/\/cluster\.local\/ns\/default\/sa\/reviews\n/,
  );
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
  expect(text).toMatch(/TLS Web Server Authentication, TLS Web Client Authentication/);
  expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
  expect(text).toMatch(/Subject:\s*\n/);
  expect(openssl("pkey", "-in", join(folder, "key.pem"), "-pubout")).toBe(
    openssl("x509", "-in", join(folder, "leaf.pem"), "-noout", "-pubkey"),
  );
});

test("a leaf lives 24 hours, and began a while ago for clocks that are behind", async () => {
  const clock = new FakeClock();
  const svid = await (await open(newFolder(), clock)).issue(reviews);
  const x509 = new X509Certificate(svid.chain);
  expect(x509.validToDate.getTime()).toBe(clock.time + 24 * HOUR);
  expect(x509.validFromDate.getTime()).toBe(clock.time - 10 * 60_000);
  expect(svid).toMatchObject({ notAfter: x509.validToDate.getTime(), notBefore: x509.validFromDate.getTime() });
});

test("the control plane's own certificate has its names and addresses", async () => {
  const authority = await open(newFolder(), new FakeClock());
  const istiod = { trustDomain: "cluster.local", namespace: "istio-system", serviceAccount: "istiod" };
  const names = { dns: ["istiod.istio-system.svc", "localhost"], ips: ["127.0.0.1", "fd00::1:2", "::ffff:10.0.0.1"] };
  const { chain } = await authority.issueServer(istiod, names);
  const x509 = new X509Certificate(chain);
  expect(x509.checkHost("istiod.istio-system.svc")).toBeDefined();
  for (const ip of names.ips) expect(x509.checkIP(ip)).toBeDefined();
  expect(x509.subjectAltName).toContain("URI:spiffe://cluster.local/ns/istio-system/sa/istiod");
});

test("a restart keeps the root; folder and file belong to their owner alone", async () => {
  const folder = newFolder();
  const clock = new FakeClock();
  const first = await open(folder, clock);
  const again = await open(folder, clock);
  expect(again.roots).toEqual(first.roots);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual(["root.pem"]);
  expect(statSync(join(folder, "root.pem")).mode & 0o777).toBe(0o600);
  const old = new X509Certificate((await first.issue(reviews)).chain);
  expect(old.verify(new X509Certificate(again.roots[0] as string).publicKey)).toBe(true);
});

test("a file that others could read is closed to them, and that is said", async () => {
  const folder = newFolder();
  await open(folder, new FakeClock());
  chmodSync(join(folder, "root.pem"), 0o644);
  const log = recordingLog();
  await open(folder, new FakeClock(), log);
  expect(statSync(join(folder, "root.pem")).mode & 0o777).toBe(0o600);
  expect(log.lines.join("\n")).toContain("others could read a private file");
});

test.each([
  ["empty", () => "", "does not hold a private key and a certificate"],
  ["cut off", (text: string) => text.slice(0, text.length - 40), "does not hold"],
  ["a spoilt certificate", (text: string) => text.replace(/(CERTIFICATE-----\n)..../, "$1AAAA"), "cannot be read"],
  [
    "a spoilt key",
    (text: string) => text.replace(/(PRIVATE KEY-----\n)..../, "$1AAAA"),
    "private key in it cannot be read",
  ],
])(
  "a root that is %s is told and not replaced; nothing is issued, and the control plane starts",
  async (_, spoil, words) => {
    const folder = newFolder();
    const path = join(folder, "root.pem");
    await open(folder, new FakeClock());
    const spoilt = spoil(readFileSync(path, "utf8"));
    writeFileSync(path, spoilt);
    const log = recordingLog();
    const authority = await open(folder, new FakeClock(), log);
    const { signing, trouble } = authority.status();
    expect(signing).toBe(false);
    expect(trouble).toContain(path);
    expect(trouble).toContain(words);
    expect(log.lines.join("\n")).toContain("no certificates are issued");
    expect(trouble).not.toContain("BEGIN");
    await expect(authority.issue(reviews)).rejects.toThrow(path);
    expect(readFileSync(path, "utf8")).toBe(spoilt);
  },
);

test("key and certificate of two roots, an expired one, another trust domain: refused by name", async () => {
  const [one, two] = [newFolder(), newFolder()];
  const clock = new FakeClock();
  await open(one, clock);
  await open(two, clock);
  const text = readFileSync(join(one, "root.pem"), "utf8");
  const other = readFileSync(join(two, "root.pem"), "utf8");
  const cut = "-----BEGIN CERTIFICATE-----";
  writeFileSync(join(two, "root.pem"), other.split(cut)[0] + cut + text.split(cut)[1]);
  expect((await open(two, clock)).status().trouble).toContain("do not belong together");
  clock.time += 11 * 365 * 24 * HOUR;
  const old = await open(one, clock);
  expect(old.status()).toMatchObject({ signing: false, trouble: expect.stringContaining("expired") });
  await expect(old.issue(reviews)).rejects.toThrow("expired");
  const home = new PrivateFiles(one, recordingLog());
  const options = { home, trustDomain: "example.org", clock: new FakeClock(), random, log: recordingLog() };
  expect((await openAuthority(options)).status().trouble).toContain("the root of URI:spiffe://cluster.local");
});

test("a disk that is full leaves what was there, and no half-written file", () => {
  const folder = newFolder();
  new PrivateFiles(folder, recordingLog()).write("root.pem", "old");
  const full: Disk = {
    open: (path) => {
      writeFileSync(path, "half");
      return 0;
    },
    write: () => {
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    },
    sync: () => {},
    close: () => {},
    rename: () => {},
  };
  const files = new PrivateFiles(folder, recordingLog(), full);
  expect(() => files.write("root.pem", "new")).toThrow(/root\.pem: the disk is full; free some space/);
  expect(files.read("root.pem")).toBe("old");
  expect(existsSync(join(folder, "root.pem.tmp"))).toBe(false);
});

test("more roots are trusted beside the own one", async () => {
  const [folder, other] = [newFolder(), newFolder()];
  const clock = new FakeClock();
  await open(folder, clock);
  const foreign = (await open(other, clock)).roots[0] as string;
  writeFileSync(join(folder, "more-roots.pem"), `# from the other mesh\n${foreign}`);
  const authority = await open(folder, clock);
  expect(authority.roots).toHaveLength(2);
  expect(authority.roots[1]).toBe(foreign);
  writeFileSync(join(folder, "more-roots.pem"), (await authority.issue(reviews)).chain);
  const wrong = await open(folder, clock);
  expect(wrong.status()).toMatchObject({ signing: true, trouble: expect.stringContaining("certificate 1 is not an") });
  expect(wrong.roots).toHaveLength(1);
});

test("a certificate request gets the verified identity, not the one that it asks for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-csr-"));
  const args = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=admin"];
  const names = ["-addext", "subjectAltName=URI:spiffe://cluster.local/ns/kube-system/sa/admin"];
  openssl(...args, ...names, "-keyout", join(folder, "key.pem"), "-out", join(folder, "csr.pem"));
  const authority = await open(newFolder(), new FakeClock());
  const request = readFileSync(join(folder, "csr.pem"), "utf8");
  const answer = await authority.signRequest(request, reviews, HOUR);
  if ("refused" in answer) throw new Error(answer.refused);
  const [leaf, root] = answer;
  const x509 = new X509Certificate(leaf as string);
  expect(x509.subjectAltName).toBe("URI:spiffe://cluster.local/ns/default/sa/reviews");
  expect(x509.verify(new X509Certificate(root as string).publicKey)).toBe(true);
  expect(openssl("pkey", "-in", join(folder, "key.pem"), "-pubout")).toBe(
    x509.publicKey.export({ format: "pem", type: "spki" }),
  );
  const refused = { refused: expect.stringContaining("certificate request cannot be read") };
  expect(await authority.signRequest("nonsense", reviews)).toEqual(refused);
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ""), "base64");
  der[der.length - 1] = (der.at(-1) as number) ^ 1;
  expect(await authority.signRequest(der.toString("base64"), reviews)).toEqual(refused);
});

test("a private key shows itself to nobody", async () => {
  const log = recordingLog();
  const svid = await (await open(newFolder(), new FakeClock(), log)).issue(reviews);
  const secret = svid.key.pem().split("\n")[1] as string;
  expect(JSON.stringify(svid) + inspect(svid, { depth: 9, showHidden: true }) + String(svid.key)).not.toContain(secret);
  expect(log.lines.join("\n")).not.toContain("PRIVATE");
});
